#pragma once
// Names to addresses through evdns: /etc/hosts, then the servers of resolv.conf, never blocking. Made at the
// first name, because its tables cost memory that a node with literal addresses does not need.

#include <memory>
#include <string>

#include "libpreconf/reactor/reactor.h"
#include "reactor/event_loop.h"

struct evdns_base;

namespace libpreconf {

class DnsResolver {
 public:
  /// `resolv_conf` names the file with the servers and options.
  [[nodiscard]] static Result<std::unique_ptr<DnsResolver>> create(EventLoop& loop,
                                                                   const std::string& resolv_conf);
  ~DnsResolver();
  DnsResolver(const DnsResolver&) = delete;
  DnsResolver& operator=(const DnsResolver&) = delete;

  /// Calls back once, never inside this call.
  [[nodiscard]] Handle resolve(std::string_view name, AddressFamily family, Reactor::OnResolve on_resolve);

 private:
  explicit DnsResolver(EventLoop& loop) : loop_(loop) {}
  EventLoop& loop_;
  evdns_base* base_ = nullptr;
};

}  // namespace libpreconf
