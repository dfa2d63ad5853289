#include "reactor/dns_resolver.h"

#include <event2/dns.h>
#include <event2/event.h>
#include <event2/util.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>

#include "base/log.h"

namespace libpreconf {
namespace {

/// Addresses taken from one answer: a name with more is a mistake or an attack (G7).
constexpr std::size_t kMaxAddresses = 64;
/// Longest name of the DNS, RFC 1035 section 2.3.4.
constexpr std::size_t kMaxName = 253;

class Query;

/// What evdns holds. It outlives a cancelled query, because evdns answers cancelled requests too.
struct Pending {
  Query* query = nullptr;
};

std::vector<SocketAddress> to_addresses(const evutil_addrinfo* list) {
  std::vector<SocketAddress> out;
  for (const evutil_addrinfo* at = list; at != nullptr && out.size() < kMaxAddresses; at = at->ai_next) {
    SocketAddress address;
    if (at->ai_family == AF_INET) {
      sockaddr_in v4{};
      std::memcpy(&v4, at->ai_addr, sizeof v4);
      FixedBytes<4> ip;
      std::memcpy(ip.data(), &v4.sin_addr, 4);
      address = SocketAddress::v4(ip, 0);
    } else if (at->ai_family == AF_INET6) {
      sockaddr_in6 v6{};
      std::memcpy(&v6, at->ai_addr, sizeof v6);
      FixedBytes<16> ip;
      std::memcpy(ip.data(), &v6.sin6_addr, 16);
      address = SocketAddress::v6(ip, 0);
    } else {
      continue;
    }
    if (std::find(out.begin(), out.end(), address) == out.end()) out.push_back(address);
  }
  return out;
}

Error resolve_error(int error, const std::string& name) {
  const bool transient =
      error == EVUTIL_EAI_AGAIN || error == EVUTIL_EAI_SYSTEM || error == EVUTIL_EAI_MEMORY;
  return Error{transient ? ErrorCode::unavailable : ErrorCode::not_found,
               "cannot resolve \"" + name + "\": " + evutil_gai_strerror(error)};
}

/// The answer is passed on by a timer, so that one that evdns has at once (hosts file) does not come inside
/// the call.
class Query final : public Registration {
 public:
  Query(EventLoop& loop, std::string name, Reactor::OnResolve on_resolve)
      : loop_(loop), name_(std::move(name)), on_resolve_(std::move(on_resolve)) {}
  ~Query() override {
    if (pending_ == nullptr) return;
    pending_->query = nullptr;
    if (request_ != nullptr) evdns_getaddrinfo_cancel(request_);
  }

  void begin(evdns_base* base, AddressFamily family) {
    evutil_addrinfo hints{};
    hints.ai_family = family == AddressFamily::v4   ? AF_INET
                      : family == AddressFamily::v6 ? AF_INET6
                                                    : AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_protocol = IPPROTO_TCP;
    pending_ = new Pending{this};
    evdns_getaddrinfo_request* request =
        evdns_getaddrinfo(base, name_.c_str(), nullptr, &hints, &Query::answered, pending_);
    // Answered already: there is nothing to cancel.
    if (pending_ != nullptr) request_ = request;
  }

 private:
  static void answered(int error, evutil_addrinfo* list, void* argument) {
    const std::unique_ptr<Pending> pending(static_cast<Pending*>(argument));
    if (pending->query != nullptr) {
      pending->query->answer(error, list);
    }
    if (list != nullptr) evutil_freeaddrinfo(list);
  }

  void answer(int error, const evutil_addrinfo* list) {
    pending_ = nullptr;
    request_ = nullptr;
    Result<std::vector<SocketAddress>> result = to_addresses(list);
    if (error != 0) {
      result = std::unexpected(resolve_error(error, name_));
    } else if (result->empty()) {
      result = std::unexpected(resolve_error(EVUTIL_EAI_NODATA, name_));
    }
    deliver_ = loop_.timers().add(loop_.clock().now(), [this, result = std::move(result)]() mutable {
      auto on_resolve = std::exchange(on_resolve_, nullptr);
      on_resolve(std::move(result));
    });
  }

  EventLoop& loop_;
  std::string name_;
  Reactor::OnResolve on_resolve_;
  Pending* pending_ = nullptr;
  evdns_getaddrinfo_request* request_ = nullptr;
  Handle deliver_;
};

}  // namespace

Result<std::unique_ptr<DnsResolver>> DnsResolver::create(EventLoop& loop, const std::string& resolv_conf) {
  std::unique_ptr<DnsResolver> resolver(new DnsResolver(loop));
  resolver->base_ = evdns_base_new(loop.base(), EVDNS_BASE_DISABLE_WHEN_INACTIVE);
  if (resolver->base_ == nullptr) return fail(ErrorCode::unavailable, "libevent cannot make a resolver");
  // A missing file leaves the hosts file and the local server, which is what resolvers do.
  if (evdns_base_resolv_conf_parse(resolver->base_, DNS_OPTIONS_ALL, resolv_conf.c_str()) != 0) {
    log_warn(LogArea::reactor, "no name servers in {}", resolv_conf);
  }
  return resolver;
}

DnsResolver::~DnsResolver() {
  if (base_ == nullptr) return;
  evdns_base_free(base_, 1);
  // Failed requests are answered by deferred events, which own memory until they ran.
  for (int i = 0; i < 4; ++i) event_base_loop(loop_.base(), EVLOOP_NONBLOCK);
}

Handle DnsResolver::resolve(std::string_view name, AddressFamily family, Reactor::OnResolve on_resolve) {
  if (name.empty() || name.size() > kMaxName || name.find('\0') != std::string_view::npos) {
    return loop_.timers().add(loop_.clock().now(),
                              [name = printable(name), on_resolve = std::move(on_resolve)]() mutable {
                                on_resolve(fail(ErrorCode::malformed, "\"" + name + "\" is no host name"));
                              });
  }
  auto query = std::make_unique<Query>(loop_, std::string(name), std::move(on_resolve));
  query->begin(base_, family);
  return Handle(std::move(query));
}

}  // namespace libpreconf
