package main

import (
	"crypto/ecdsa"
	"math/big"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
)

type wallet struct {
	key     *ecdsa.PrivateKey
	address common.Address
	balance *big.Int
}

// wallets have the keys 0x01…01, 0x02…02 and so on. The last one is poor.
func wallets(count int) []wallet {
	out := make([]wallet, count)
	for i := range out {
		secret := make([]byte, 32)
		for j := range secret {
			secret[j] = byte(i + 1)
		}
		key, err := crypto.ToECDSA(secret)
		must(err)
		balance := new(big.Int).Mul(big.NewInt(1000), big.NewInt(1e18))
		if i == count-1 {
			balance = big.NewInt(1_000_000)
		}
		out[i] = wallet{key, crypto.PubkeyToAddress(key.PublicKey), balance}
	}
	return out
}

func (c *chain) sign(w wallet, data types.TxData) *types.Transaction {
	tx, err := types.SignNewTx(w.key, c.signer, data)
	must(err)
	return tx
}

func signWith(signer types.Signer, w wallet, data types.TxData) *types.Transaction {
	tx, err := types.SignNewTx(w.key, signer, data)
	must(err)
	return tx
}

func gwei(n int64) *big.Int { return new(big.Int).Mul(big.NewInt(n), big.NewInt(1e9)) }

func typed(nonce uint64, to *common.Address, value *big.Int, gas uint64, data []byte, list types.AccessList) *types.DynamicFeeTx {
	return &types.DynamicFeeTx{ChainID: big.NewInt(chainID), Nonce: nonce, GasTipCap: big.NewInt(1_000_000), GasFeeCap: gwei(1),
		Gas: gas, To: to, Value: value, Data: data, AccessList: list}
}

func fresh(seed byte) *common.Address {
	out := common.BytesToAddress(crypto.Keccak256([]byte{seed}))
	return &out
}

var someList = types.AccessList{
	{Address: common.HexToAddress("0x1111111111111111111111111111111111111111"), StorageKeys: []common.Hash{{1}, {2}, {3}}},
	{Address: common.HexToAddress("0x2222222222222222222222222222222222222222")},
}

func plans(c *chain, w []wallet, genesis *types.Header) (out []goldenBlock) {
	head, before := genesis, genesis
	coinbase := common.HexToAddress("0xc014ba5e00000000000000000000000000000001")
	extra := func(proposal byte) []byte { return []byte{75, 0, 0, 0, 0, 0, proposal} }
	next := func(about string, a attributes, txs types.Transactions) {
		var blockTime uint64
		if head.Number.Sign() > 0 {
			blockTime = head.Time - before.Time
		}
		a.BaseFee = nextBaseFee(head.Number.Uint64(), head.GasLimit, head.GasUsed, head.BaseFee.Uint64(), blockTime, minimumElsewhere)
		block, header := c.build(about, head, a, txs)
		out = append(out, block)
		before, head = head, header
	}
	ether := big.NewInt(1e18)

	next("transfers of each type, calldata, an access list, a new account, a transfer to oneself and one of nothing", attributes{
		Timestamp: 1_764_000_000, GasLimit: 15_000_000, Coinbase: coinbase, ExtraData: extra(1),
	}, types.Transactions{
		c.sign(w[0], typed(0, &w[1].address, ether, 21_000, nil, nil)),
		c.sign(w[1], &types.AccessListTx{ChainID: big.NewInt(chainID), Nonce: 0, GasPrice: gwei(1), Gas: 60_000, To: fresh(1), Value: ether, AccessList: someList}),
		c.sign(w[2], &types.LegacyTx{Nonce: 0, GasPrice: gwei(2), Gas: 30_000, To: fresh(2), Value: ether, Data: []byte{0, 0, 1, 2, 3}}),
		signWith(types.HomesteadSigner{}, w[3], &types.LegacyTx{Nonce: 0, GasPrice: gwei(1), Gas: 21_000, To: fresh(3), Value: big.NewInt(7)}),
		c.sign(w[4], typed(0, &w[4].address, ether, 50_000, []byte("to oneself"), nil)),
		c.sign(w[4], typed(1, fresh(4), new(big.Int), 21_000, nil, nil)),
		c.sign(w[0], typed(1, &coinbase, big.NewInt(5), 100_000, nil, someList)),
	})

	wrongChain := types.LatestSignerForChainID(big.NewInt(1))
	other := typed(2, &w[1].address, ether, 21_000, nil, nil)
	other.ChainID = big.NewInt(1)
	cheap := typed(2, &w[1].address, ether, 21_000, nil, nil)
	cheap.GasFeeCap, cheap.GasTipCap = big.NewInt(1000), big.NewInt(1000)
	crossed := typed(2, &w[1].address, ether, 21_000, nil, nil)
	crossed.GasTipCap = gwei(2)
	huge := typed(2, &w[1].address, new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 256), big.NewInt(1)), 21_000, nil, nil)
	precompile := common.BytesToAddress([]byte{4})
	next("among good ones: wrong nonces, creation, wrong chain, no funds, fee cap under the base fee, tip over the cap, too little gas, "+
		"more gas than the block has left, calls of a precompile and of the anchor contract", attributes{
		Timestamp: 1_764_000_002, GasLimit: 15_000_000, Coinbase: w[5].address, ExtraData: extra(1),
	}, types.Transactions{
		c.sign(w[0], typed(3, &w[1].address, ether, 21_000, nil, nil)),
		c.sign(w[0], typed(1, &w[1].address, ether, 21_000, nil, nil)),
		c.sign(w[0], typed(2, nil, new(big.Int), 100_000, []byte{0x60, 0x00}, nil)),
		signWith(wrongChain, w[0], other),
		signWith(wrongChain, w[0], &types.LegacyTx{Nonce: 2, GasPrice: gwei(1), Gas: 21_000, To: &w[1].address, Value: ether}),
		c.sign(w[7], typed(0, &w[1].address, big.NewInt(1), 21_000, nil, nil)),
		c.sign(w[0], cheap),
		c.sign(w[0], crossed),
		c.sign(w[0], huge),
		c.sign(w[0], typed(2, &w[1].address, ether, 20_999, nil, nil)),
		c.sign(w[0], typed(2, &w[1].address, ether, 21_000, []byte{1}, nil)),
		c.sign(w[0], typed(2, &w[1].address, ether, 15_000_001, nil, nil)),
		c.sign(w[0], typed(2, &precompile, ether, 50_000, nil, nil)),
		c.sign(w[0], typed(2, &anchor, new(big.Int), 1_000_000, []byte{1, 2, 3, 4}, nil)),
		c.sign(w[0], typed(2, &w[1].address, ether, 14_000_000, nil, nil)),
		c.sign(w[5], typed(0, &w[7].address, ether, 21_000, nil, nil)),
		c.sign(w[7], typed(0, &w[5].address, big.NewInt(1), 21_000, nil, nil)),
		c.sign(w[6], typed(0, &w[5].address, big.NewInt(1), 14_958_001, nil, nil)),
		c.sign(w[6], typed(0, &w[5].address, big.NewInt(1), 14_937_000, nil, nil)),
	})

	next("no transactions", attributes{Timestamp: 1_764_000_004, GasLimit: 15_000_000, Coinbase: coinbase, ExtraData: extra(2)}, nil)

	var many types.Transactions
	nonces := []uint64{3, 1, 1, 1, 2, 1, 1}
	for i := 0; i < 300; i++ {
		from := i % 7
		to := fresh(byte(i))
		many = append(many, c.sign(w[from], typed(nonces[from], to, big.NewInt(int64(i)*1000+1), 21_000, nil, nil)))
		nonces[from]++
	}
	next("three hundred transfers, most to new accounts", attributes{Timestamp: 1_764_000_007, GasLimit: 30_000_000, Coinbase: coinbase, ExtraData: extra(2)}, many)

	next("a block after a busy one", attributes{Timestamp: 1_764_000_008, GasLimit: 30_000_000, Coinbase: coinbase, ExtraData: extra(3)}, types.Transactions{
		c.sign(w[0], typed(nonces[0], &w[1].address, ether, 21_000, nil, nil)),
	})
	return out
}

func sampleTransactions(c *chain, w []wallet) (out []goldenTransaction) {
	add := func(about string, tx *types.Transaction) {
		raw, err := tx.MarshalBinary()
		must(err)
		signer := c.signer
		if !tx.Protected() {
			signer = types.HomesteadSigner{}
		}
		sender, err := types.Sender(signer, tx)
		must(err)
		intrinsic, err := core.IntrinsicGas(tx.Data(), tx.AccessList(), nil, tx.To() == nil, true, true, true)
		must(err)
		out = append(out, goldenTransaction{about, raw, tx.Type(), tx.Hash(), signer.Hash(tx), sender, tx.Nonce(), tx.Gas(), intrinsic})
	}
	one := big.NewInt(1)
	add("EIP-1559", c.sign(w[0], typed(0, &w[1].address, one, 21_000, nil, nil)))
	add("EIP-1559, calldata and access list", c.sign(w[0], typed(300, &w[1].address, gwei(5), 99_000, []byte{0, 1, 0, 255}, someList)))
	add("EIP-1559, contract creation", c.sign(w[0], typed(1, nil, one, 99_000, []byte{0x60}, nil)))
	add("EIP-2930", c.sign(w[1], &types.AccessListTx{ChainID: big.NewInt(chainID), Nonce: 9, GasPrice: gwei(1), Gas: 60_000, To: fresh(1), Value: one, AccessList: someList}))
	add("EIP-2930, empty list", c.sign(w[1], &types.AccessListTx{ChainID: big.NewInt(chainID), Nonce: 1 << 40, GasPrice: one, Gas: 1, To: fresh(1), Value: one}))
	add("legacy, EIP-155", c.sign(w[2], &types.LegacyTx{Nonce: 127, GasPrice: gwei(2), Gas: 30_000, To: fresh(2), Value: one, Data: make([]byte, 60)}))
	add("legacy without chain id", signWith(types.HomesteadSigner{}, w[3], &types.LegacyTx{Nonce: 128, GasPrice: gwei(1), Gas: 21_000, To: fresh(3), Value: one}))
	return out
}
