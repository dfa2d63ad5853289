#include "node/identity_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "codec/base64.h"
#include "crypto/hash.h"
#include "reactor/sockets.h"

namespace libpreconf::node {
namespace {

/// The longest text is 92 characters (68 bytes of Ed25519 protobuf); the rest is room for white space.
constexpr std::size_t kMaxFileSize = 256;
constexpr std::size_t kMaxKeySize = 128;

/// A buffer of secret text that does not stay in memory.
struct SecretText {
  SecretText() = default;
  SecretText(const SecretText&) = delete;
  SecretText& operator=(const SecretText&) = delete;
  ~SecretText() { crypto::wipe(MutableByteView(reinterpret_cast<std::uint8_t*>(text.data()), text.size())); }
  std::string text;
};

struct SecretBytes {
  explicit SecretBytes(Bytes value) : bytes(std::move(value)) {}
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  ~SecretBytes() { crypto::wipe(bytes); }
  Bytes bytes;
};

std::string system_message(const std::string& path, int error) {
  return "key file " + path + ": " + std::strerror(error);
}

Result<> check_mode(const std::string& path, int fd) {
  struct stat status{};
  if (fstat(fd, &status) != 0) return fail(ErrorCode::io, system_message(path, errno));
  if (!S_ISREG(status.st_mode))
    return fail(ErrorCode::malformed, "key file " + path + ": not a regular file");
  if ((status.st_mode & 077) != 0) {
    return fail(ErrorCode::permission,
                "key file " + path + ": others can read it; mend that with: chmod 600 " + path);
  }
  return {};
}

Result<> read_text(const std::string& path, int fd, std::string& text) {
  text.resize(kMaxFileSize + 1);
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t got = read(fd, text.data() + done, text.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(ErrorCode::io, system_message(path, errno));
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  if (done > kMaxFileSize) {
    return fail(ErrorCode::malformed, "key file " + path + ": too long to be a key file");
  }
  text.resize(done);
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.pop_back();
  return {};
}

}  // namespace

Result<libp2p::Identity> read_identity_file(const std::string& path) {
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) {
    return fail(errno == ENOENT ? ErrorCode::not_found : ErrorCode::io, system_message(path, errno));
  }
  PRECONF_CHECK_OK(check_mode(path, file.get()));
  SecretText secret;
  PRECONF_CHECK_OK(read_text(path, file.get(), secret.text));
  auto decoded = codec::base64_decode(secret.text, kMaxKeySize);
  if (!decoded) {
    return fail(ErrorCode::malformed, "key file " + path + ": not one line of base64");
  }
  const SecretBytes protobuf(*std::move(decoded));
  auto identity = libp2p::Identity::from_private_key_protobuf(protobuf.bytes);
  if (!identity) return fail_with_context(identity.error(), "key file " + path);
  return identity;
}

Result<> write_identity_file(const std::string& path, const libp2p::Identity& identity) {
  const SecretBytes protobuf(identity.private_key_protobuf());
  SecretText secret;
  secret.text = codec::base64_encode(protobuf.bytes) + "\n";
  const FileDescriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file && errno == EEXIST) {
    return fail(ErrorCode::conflict, "key file " + path + ": exists already and is not overwritten");
  }
  if (!file) return fail(ErrorCode::io, system_message(path, errno));
  const auto written = write(file.get(), secret.text.data(), secret.text.size());
  if (written != static_cast<ssize_t>(secret.text.size()) || fsync(file.get()) != 0) {
    const int error = errno;
    unlink(path.c_str());
    return fail(ErrorCode::io, system_message(path, error));
  }
  return {};
}

Result<libp2p::Identity> read_or_make_identity_file(const std::string& path, Random& random) {
  auto identity = read_identity_file(path);
  if (identity || identity.error().code != ErrorCode::not_found) return identity;
  auto made = libp2p::Identity::generate(libp2p::KeyType::secp256k1, random);
  PRECONF_CHECK_OK(write_identity_file(path, made));
  return made;
}

Result<libp2p::KeyType> parse_key_type(std::string_view text) {
  if (text == "secp256k1") return libp2p::KeyType::secp256k1;
  if (text == "ed25519") return libp2p::KeyType::ed25519;
  return fail(ErrorCode::invalid, "key type \"" + std::string(text) + "\": expected secp256k1 or ed25519");
}

std::string_view to_string(libp2p::KeyType type) {
  switch (type) {
    case libp2p::KeyType::ed25519:
      return "ed25519";
    case libp2p::KeyType::secp256k1:
      return "secp256k1";
  }
  return "unknown";
}

}  // namespace libpreconf::node
