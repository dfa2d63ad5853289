#pragma once
// The eth_* methods that each node of a devnet answers beside preconf_* (program.md "Devnet"): enough for a
// wallet to see balances and to send transfers. State is that of the node's own head.

#include "l2/in_memory_engine.h"
#include "preconfer/transaction_pool.h"
#include "rpc/json_rpc.h"

namespace libpreconf::node {

/// Adds eth_chainId, eth_blockNumber, eth_getBalance, eth_getTransactionCount and eth_sendRawTransaction.
/// `engine` and `pool` must outlive the table.
void add_eth_methods(rpc::MethodTable& table, const l2::InMemoryEngine& engine,
                     preconfer::TransactionPool& pool);

}  // namespace libpreconf::node
