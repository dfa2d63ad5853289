#include "node/devnet_eth_rpc.h"

#include "libpreconf/base/hex.h"
#include "preconfer/limits.h"

namespace libpreconf::node {

namespace {

using codec::Json;
using rpc::RpcError;
using rpc::RpcParams;
using rpc::RpcResult;

std::unexpected<RpcError> invalid(std::string message) {
  return std::unexpected(RpcError{rpc::kInvalidParams, std::move(message)});
}

/// The first parameter, which must be an address.
std::expected<Address, RpcError> address_of(const RpcParams& params) {
  const Json value = params.value();
  if (!value.is_array() || !value.at(std::size_t{0}).is_string()) {
    return invalid("expected [address, block]: an address as 0x and 40 hex digits");
  }
  const auto address = from_hex_fixed<20>(params.text(value.at(std::size_t{0})));
  if (!address) return invalid("address: " + address.error().message);
  return *address;
}

enum class StateAt { latest, pending };

/// The second parameter: which state. Only the head's is here.
std::expected<StateAt, RpcError> state_of(const RpcParams& params, const l2::InMemoryEngine& engine) {
  const Json block = params.value().at(std::size_t{1});
  if (block.is_null()) return StateAt::latest;
  const std::string_view text = block.as_string();
  if (text == "pending") return StateAt::pending;
  if (text == "latest" || text == "safe") return StateAt::latest;
  const auto number = block.as_u256();
  if (number && *number == U256(engine.head_header().number)) return StateAt::latest;
  return invalid("block: only the state of \"latest\" and \"pending\" is kept");
}

RpcResult get_balance(const RpcParams& params, const l2::InMemoryEngine& engine) {
  const auto address = address_of(params);
  if (!address) return std::unexpected(address.error());
  const auto state = state_of(params, engine);
  if (!state) return std::unexpected(state.error());
  return Json::quantity(engine.account(*address).balance);
}

RpcResult get_transaction_count(const RpcParams& params, const l2::InMemoryEngine& engine,
                                const preconfer::TransactionPool& pool) {
  const auto address = address_of(params);
  if (!address) return std::unexpected(address.error());
  const auto state = state_of(params, engine);
  if (!state) return std::unexpected(state.error());
  const std::uint64_t nonce =
      *state == StateAt::pending ? pool.next_nonce(*address) : engine.account(*address).nonce;
  return Json::quantity(U256(nonce));
}

RpcResult send_raw_transaction(const RpcParams& params, preconfer::TransactionPool& pool) {
  const Json raw = params.value().at(std::size_t{0});
  if (!raw.is_string()) return invalid("expected [transaction]: a signed transaction as 0x hex");
  const auto bytes = from_hex(params.text(raw), preconfer::kMaxPoolTransactionBytes);
  if (!bytes) return invalid("transaction: " + bytes.error().message);
  const auto hash = pool.add(*bytes);
  if (!hash) return std::unexpected(RpcError{rpc::kInternalError, hash.error().message});
  return Json::hex(*hash);
}

}  // namespace

void add_eth_methods(rpc::MethodTable& table, const l2::InMemoryEngine& engine,
                     preconfer::TransactionPool& pool) {
  table.add("eth_chainId", "chain id",
            [&engine](const RpcParams&) -> RpcResult { return Json::quantity(U256(engine.chain_id())); });
  table.add("eth_blockNumber", "number of the head", [&engine](const RpcParams&) -> RpcResult {
    return Json::quantity(U256(engine.head_header().number));
  });
  table.add("eth_getBalance", "balance of an account at the head",
            [&engine](const RpcParams& params) { return get_balance(params, engine); });
  table.add(
      "eth_getTransactionCount", "nonce of an account at the head, or with what waits in the pool",
      [&engine, &pool](const RpcParams& params) { return get_transaction_count(params, engine, pool); });
  table.add("eth_sendRawTransaction", "puts a signed transaction into the pool",
            [&pool](const RpcParams& params) { return send_raw_transaction(params, pool); });
}

}  // namespace libpreconf::node
