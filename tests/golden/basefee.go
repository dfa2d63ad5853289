package main

import "math/big"

const (
	firstBaseFee     = 25_000_000
	minimumMainnet   = 10_000_000
	minimumElsewhere = 5_000_000
	maximumBaseFee   = 1_000_000_000
)

// nextBaseFee is the fee of a block by its parent. blockTime is the parent's time less the grandparent's. Big integers
// throughout, so that it can judge an implementation that has to mind its 64 bits.
func nextBaseFee(parentNumber, gasLimit, gasUsed, parentFee, blockTime, minimum uint64) uint64 {
	if parentNumber == 0 {
		return firstBaseFee
	}
	limit, used, fee := unsigned(gasLimit), unsigned(gasUsed), unsigned(parentFee)
	half := new(big.Int).Div(limit, big.NewInt(2))
	if half.Sign() > 0 {
		target := new(big.Int).Div(new(big.Int).Mul(half, unsigned(blockTime)), big.NewInt(2))
		if cap := new(big.Int).Div(new(big.Int).Mul(limit, big.NewInt(95)), big.NewInt(100)); cap.Cmp(target) < 0 {
			target = cap
		}
		away := new(big.Int).Sub(used, target)
		step := new(big.Int).Mul(fee, new(big.Int).Abs(away))
		step.Div(step.Div(step, half), big.NewInt(8))
		if away.Sign() > 0 {
			if step.Sign() == 0 {
				step.SetUint64(1)
			}
			fee.Add(fee, step)
		} else {
			fee.Sub(fee, step)
		}
	}
	if fee.Cmp(unsigned(minimum)) < 0 {
		return minimum
	}
	if fee.Cmp(unsigned(maximumBaseFee)) > 0 {
		return maximumBaseFee
	}
	return fee.Uint64()
}

func unsigned(n uint64) *big.Int { return new(big.Int).SetUint64(n) }

type feeCase struct {
	ParentNumber   uint64 `json:"parentNumber"`
	ParentGasLimit uint64 `json:"parentGasLimit"`
	ParentGasUsed  uint64 `json:"parentGasUsed"`
	ParentBaseFee  uint64 `json:"parentBaseFee"`
	BlockTime      uint64 `json:"blockTime"`
	Minimum        uint64 `json:"minimum"`
	BaseFee        uint64 `json:"baseFee"`
}

func feeCases() (out []feeCase) {
	const top = 1<<63 - 1
	for _, minimum := range []uint64{minimumMainnet, minimumElsewhere} {
		for _, c := range [][5]uint64{
			{0, 15_000_000, 0, 25_000_000, 0}, {4, 30_000_000, 15_000_000, 900_000_000, 2}, {1, 15_000_000, 0, 25_000_000, 2},
			{1, 15_000_000, 15_000_000, 25_000_000, 2}, {1, 15_000_000, 15_000_000, 25_000_000, 0}, {1, 15_000_000, 7_500_001, 25_000_000, 2},
			{1, 15_000_000, 0, 5_000_001, 2}, {1, 15_000_000, 0, 10_500_000, 12}, {9, 45_000_000, 45_000_000, 999_999_999, 1},
			{9, 45_000_000, 42_750_000, 77_777_777, 1000}, {9, 1, 1, 30_000_000, 2}, {9, 0, 0, 30_000_000, 2},
			{9, top, top, 999_999_999, 2}, {9, top, 0, 999_999_999, top}, {9, top, top, 5_000_000, top},
		} {
			out = append(out, feeCase{c[0], c[1], c[2], c[3], c[4], minimum, nextBaseFee(c[0], c[1], c[2], c[3], c[4], minimum)})
		}
	}
	return out
}
