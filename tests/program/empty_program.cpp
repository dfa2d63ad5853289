// A process that does nothing but link and initialise the libraries of preconfd: the yardstick for what
// preconfd itself costs. Prints "ready" and waits to be ended.

#include <event2/dns.h>
#include <event2/event.h>
#include <fmt/format.h>
#include <jansson.h>
#include <microhttpd.h>
#include <openssl/evp.h>
#include <prometheus/counter.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <secp256k1.h>
#include <sodium.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>
#include <zlib.h>

#include <cstdio>

namespace {

MHD_Result refuse(void*, MHD_Connection*, const char*, const char*, const char*, const char*, size_t*,
                  void**) {
  return MHD_NO;
}

}  // namespace

int main() {
  event_base* base = event_base_new();
  evdns_base* resolver = evdns_base_new(base, EVDNS_BASE_DISABLE_WHEN_INACTIVE);
  EVP_CIPHER* cipher = EVP_CIPHER_fetch(nullptr, "ChaCha20-Poly1305", nullptr);
  EVP_MD* digest = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  secp256k1_context* curve = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
  const bool sodium = sodium_init() >= 0;
  z_stream stream{};
  const bool zlib = inflateInit(&stream) == Z_OK;
  json_t* json = json_object();
  MHD_Daemon* server = MHD_start_daemon(MHD_USE_EPOLL, 0, nullptr, nullptr, refuse, nullptr, MHD_OPTION_END);
  auto log = std::make_shared<spdlog::logger>("empty", std::make_shared<spdlog::sinks::stderr_sink_st>());
  log->set_level(spdlog::level::warn);
  prometheus::Registry registry;
  prometheus::BuildCounter().Name("empty").Help("empty").Register(registry).Add({}).Increment();
  const std::string page = prometheus::TextSerializer().Serialize(registry.Collect());

  const bool all = base && resolver && cipher && digest && curve && sodium && zlib && json && server;
  const std::string line = fmt::format("{} {}\n", all && !page.empty() ? "ready" : "failed", getpid());
  std::fputs(line.c_str(), stdout);
  std::fflush(stdout);
  for (;;) pause();
}
