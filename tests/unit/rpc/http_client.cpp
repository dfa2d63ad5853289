#include "unit/rpc/http_client.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>

namespace libpreconf::test {
namespace {

using namespace std::chrono_literals;

constexpr Duration kPatience = 30s;

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

}  // namespace

HttpClient::HttpClient(LibeventReactor& reactor, const SocketAddress& server) : reactor_(reactor) {
  const Handle attempt = reactor_.connect_tcp(server, [this](Result<std::unique_ptr<TcpConnection>> result) {
    if (result) connection_ = std::move(*result);
  });
  EXPECT_TRUE(reactor_.run_until([this] { return connection_ != nullptr; }, kPatience));
  connection_->start({.on_data =
                          [this](ByteView bytes) {
                            input_ += as_text(bytes);
                            take_apart();
                          },
                      .on_drained = {},
                      .on_closed = [this](const Error&) { closed_ = true; }});
}

HttpAnswer HttpClient::next() {
  if (!wait_for(1)) {
    ADD_FAILURE() << "no answer; so far: " << input_.substr(0, 200);
    return {};
  }
  HttpAnswer answer = std::move(answers_.front());
  answers_.pop_front();
  return answer;
}

bool HttpClient::wait_for(std::size_t count) {
  (void)reactor_.run_until([&] { return answers_.size() >= count || closed_; }, kPatience);
  return answers_.size() >= count;
}

bool HttpClient::wait_closed() {
  return reactor_.run_until([this] { return closed_; }, kPatience);
}

void HttpClient::take_apart() {
  for (;;) {
    const std::size_t end = input_.find("\r\n\r\n");
    if (end == std::string::npos) return;
    HttpAnswer answer;
    std::size_t at = input_.find("\r\n") + 2;
    answer.status = std::stoi(input_.substr(9, 3));
    while (at < end + 2) {
      const std::size_t line_end = input_.find("\r\n", at);
      const std::size_t colon = input_.find(':', at);
      answer.headers[lower(input_.substr(at, colon - at))] = input_.substr(colon + 2, line_end - colon - 2);
      at = line_end + 2;
    }
    const std::size_t length =
        answer.headers.contains("content-length") ? std::stoul(answer.headers["content-length"]) : 0;
    if (input_.size() < end + 4 + length) return;
    answer.body = input_.substr(end + 4, length);
    input_.erase(0, end + 4 + length);
    // "100 Continue" only says that the body may come.
    if (answer.status != 100) answers_.push_back(std::move(answer));
  }
}

std::string HttpClient::request(std::string_view method, std::string_view body, std::string_view path) {
  std::string out = std::string(method) + " " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n";
  if (method == "POST") {
    out += "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
  }
  return out + "\r\n" + std::string(body);
}

std::string HttpClient::chunked(std::string_view body, std::size_t size) {
  std::string out =
      "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Transfer-Encoding: chunked\r\n\r\n";
  for (std::size_t at = 0; at < body.size(); at += size) {
    const std::string_view part = body.substr(at, size);
    char digits[16];
    const auto end = std::to_chars(digits, digits + sizeof digits, part.size(), 16).ptr;
    out.append(digits, end).append("\r\n").append(part).append("\r\n");
  }
  return out + "0\r\n\r\n";
}

std::size_t resident_memory() {
  std::ifstream statm("/proc/self/statm");
  std::size_t total = 0;
  std::size_t resident = 0;
  statm >> total >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace libpreconf::test
