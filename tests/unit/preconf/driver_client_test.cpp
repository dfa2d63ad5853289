#include "libpreconf/preconf/driver_client.h"

#include <gtest/gtest.h>

namespace libpreconf::preconf {
namespace {

PreconfirmationInput input(bool eop, bool with_list, std::optional<std::size_t> transactions) {
  PreconfirmationInput out;
  out.commitment.commitment.preconf.eop = eop;
  if (with_list) out.commitment.commitment.preconf.raw_tx_list_hash.fill(1);
  if (transactions) {
    DecodedTransactions decoded;
    decoded.spans.resize(*transactions, DecodedTransactions::Span{0, 0});
    out.transactions = std::make_shared<const DecodedTransactions>(std::move(decoded));
  }
  return out;
}

TEST(DriverClient, D11_GivenTheFourCasesOfTheSkipRule_WhenEvaluated_ThenOnlyTheMarkerIsSkipped) {
  EXPECT_TRUE(input(/*eop=*/true, /*with_list=*/false, std::nullopt).should_skip());
  EXPECT_TRUE(input(/*eop=*/true, /*with_list=*/false, 0).should_skip());
  EXPECT_FALSE(input(/*eop=*/true, /*with_list=*/false, 1).should_skip());
  EXPECT_FALSE(input(/*eop=*/false, /*with_list=*/false, std::nullopt).should_skip());
  EXPECT_FALSE(input(/*eop=*/true, /*with_list=*/true, std::nullopt).should_skip());
}

}  // namespace
}  // namespace libpreconf::preconf
