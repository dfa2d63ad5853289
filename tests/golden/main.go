// Golden blocks for the in-memory execution engine, made with go-ethereum's EVM, state and tries.
//
//	go run . > ../vectors/golden-blocks.json
//
// The rules that are not Ethereum's: the base fee (EIP-4396 variant), the mix hash, the base fee paid to the coinbase, and
// which transactions are left out of a block. Everything is deterministic: the same output on every machine.
package main

import (
	"encoding/json"
	"fmt"
	"math/big"
	"os"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core"
	"github.com/ethereum/go-ethereum/core/rawdb"
	"github.com/ethereum/go-ethereum/core/state"
	"github.com/ethereum/go-ethereum/core/tracing"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/core/vm"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/params"
	"github.com/ethereum/go-ethereum/rlp"
	"github.com/ethereum/go-ethereum/trie"
	"github.com/ethereum/go-ethereum/triedb"
	"github.com/holiman/uint256"
)

const chainID = 167001

type attributes struct {
	Number     uint64         `json:"number"`
	ParentHash common.Hash    `json:"parentHash"`
	Timestamp  uint64         `json:"timestamp"`
	GasLimit   uint64         `json:"gasLimit"`
	BaseFee    uint64         `json:"baseFee"`
	Coinbase   common.Address `json:"coinbase"`
	MixHash    common.Hash    `json:"mixHash"`
	ExtraData  hexutil.Bytes  `json:"extraData"`
	TxList     hexutil.Bytes  `json:"txList"`
}

type goldenBlock struct {
	About            string        `json:"about"`
	Attributes       attributes    `json:"attributes"`
	Hash             common.Hash   `json:"hash"`
	StateRoot        common.Hash   `json:"stateRoot"`
	TransactionsRoot common.Hash   `json:"transactionsRoot"`
	ReceiptsRoot     common.Hash   `json:"receiptsRoot"`
	GasUsed          uint64        `json:"gasUsed"`
	Transactions     int           `json:"transactions"`
	Header           hexutil.Bytes `json:"header"`
}

type goldenTransaction struct {
	About       string         `json:"about"`
	Raw         hexutil.Bytes  `json:"raw"`
	Type        uint8          `json:"type"`
	Hash        common.Hash    `json:"hash"`
	SigningHash common.Hash    `json:"signingHash"`
	Sender      common.Address `json:"sender"`
	Nonce       uint64         `json:"nonce"`
	Gas         uint64         `json:"gas"`
	Intrinsic   uint64         `json:"intrinsicGas"`
}

type account struct {
	Address common.Address `json:"address"`
	Balance *hexutil.Big   `json:"balance"`
	Key     hexutil.Bytes  `json:"key"`
}

type golden struct {
	ChainID uint64    `json:"chainId"`
	Genesis []account `json:"genesisAccounts"`
	Block0  struct {
		Hash      common.Hash   `json:"hash"`
		StateRoot common.Hash   `json:"stateRoot"`
		Header    hexutil.Bytes `json:"header"`
	} `json:"genesis"`
	Blocks       []goldenBlock       `json:"blocks"`
	Transactions []goldenTransaction `json:"transactions"`
	BaseFees     []feeCase           `json:"baseFees"`
}

func main() {
	config := chainConfig()
	accounts := wallets(8)
	alloc := types.GenesisAlloc{}
	var out golden
	out.ChainID = chainID
	for _, w := range accounts {
		alloc[w.address] = types.Account{Balance: w.balance}
		out.Genesis = append(out.Genesis, account{w.address, (*hexutil.Big)(w.balance), crypto.FromECDSA(w.key)})
	}
	db := rawdb.NewMemoryDatabase()
	tries := triedb.NewDatabase(db, triedb.HashDefaults)
	genesis := &core.Genesis{Config: config, GasLimit: 15_000_000, BaseFee: big.NewInt(25_000_000), Difficulty: new(big.Int), Alloc: alloc}
	block0, err := genesis.Commit(db, tries)
	must(err)
	out.Block0.Hash, out.Block0.StateRoot = block0.Hash(), block0.Root()
	out.Block0.Header = encode(block0.Header())

	c := &chain{config: config, tries: tries, states: state.NewDatabase(tries, nil), signer: types.LatestSignerForChainID(config.ChainID)}
	for _, p := range plans(c, accounts, block0.Header()) {
		out.Blocks = append(out.Blocks, p)
	}
	out.Transactions = sampleTransactions(c, accounts)
	out.BaseFees = feeCases()
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", " ")
	must(encoder.Encode(out))
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func encode(value any) []byte {
	bytes, err := rlp.EncodeToBytes(value)
	must(err)
	return bytes
}

// chainConfig has Shanghai's rules from genesis and no later ones.
func chainConfig() *params.ChainConfig {
	zero := big.NewInt(0)
	return &params.ChainConfig{
		ChainID: big.NewInt(chainID), HomesteadBlock: zero, EIP150Block: zero, EIP155Block: zero, EIP158Block: zero,
		ByzantiumBlock: zero, ConstantinopleBlock: zero, PetersburgBlock: zero, IstanbulBlock: zero, MuirGlacierBlock: zero,
		BerlinBlock: zero, LondonBlock: zero, ArrowGlacierBlock: zero, GrayGlacierBlock: zero, MergeNetsplitBlock: zero,
		TerminalTotalDifficulty: zero, ShanghaiTime: new(uint64),
	}
}

type chain struct {
	config *params.ChainConfig
	tries  *triedb.Database
	states state.Database
	signer types.Signer
}

// goldenTouch signs the anchor transactions of real Taiko blocks; the treasury has the anchor contract's code there.
var (
	goldenTouch = common.HexToAddress("0x0000777735367b36bC9B61C50022d9D0700dB4Ec")
	anchor      = common.HexToAddress("0x1670010000000000000000000000000000010001")
)

// leftOutByRule are transactions that an EVM could run and that a chain of transfers has no answer for.
func leftOutByRule(message *core.Message, kind uint8) bool {
	if kind > types.DynamicFeeTxType || message.To == nil || message.From == goldenTouch || *message.To == anchor {
		return true
	}
	for i := byte(1); i <= 9; i++ {
		if *message.To == common.BytesToAddress([]byte{i}) {
			return true
		}
	}
	return false
}

// build executes a list on a parent. Transactions that cannot run are left out.
func (c *chain) build(about string, parent *types.Header, a attributes, txs types.Transactions) (goldenBlock, *types.Header) {
	a.Number, a.ParentHash = parent.Number.Uint64()+1, parent.Hash()
	a.MixHash = crypto.Keccak256Hash(common.BigToHash(parent.Difficulty).Bytes(), common.BigToHash(new(big.Int).SetUint64(a.Number)).Bytes())
	a.TxList = encode(txs)
	header := &types.Header{
		ParentHash: a.ParentHash, Coinbase: a.Coinbase, Number: new(big.Int).SetUint64(a.Number), GasLimit: a.GasLimit,
		Time: a.Timestamp, Extra: a.ExtraData, MixDigest: a.MixHash, BaseFee: new(big.Int).SetUint64(a.BaseFee), Difficulty: new(big.Int),
	}
	db, err := state.New(parent.Root, c.states)
	must(err)
	evm := vm.NewEVM(vm.BlockContext{
		CanTransfer: core.CanTransfer, Transfer: core.Transfer, GetHash: func(uint64) common.Hash { return common.Hash{} },
		Coinbase: a.Coinbase, GasLimit: a.GasLimit, BlockNumber: header.Number, Time: a.Timestamp, Difficulty: new(big.Int),
		BaseFee: header.BaseFee, Random: &a.MixHash,
	}, db, c.config, vm.Config{})
	pool := new(core.GasPool).AddGas(a.GasLimit)
	var included types.Transactions
	var receipts types.Receipts
	for _, tx := range txs {
		message, err := core.TransactionToMessage(tx, c.signer, header.BaseFee)
		if err != nil || leftOutByRule(message, tx.Type()) {
			continue
		}
		snapshot, gas := db.Snapshot(), *pool
		db.SetTxContext(tx.Hash(), len(included))
		result, err := core.ApplyMessage(evm, message, pool)
		if err != nil {
			db.RevertToSnapshot(snapshot)
			*pool = gas
			continue
		}
		// Ethereum burns the base fee; here the coinbase has it.
		fee, _ := uint256.FromBig(new(big.Int).Mul(header.BaseFee, new(big.Int).SetUint64(result.UsedGas)))
		db.AddBalance(a.Coinbase, fee, tracing.BalanceIncreaseRewardTransactionFee)
		db.Finalise(true)
		header.GasUsed += result.UsedGas
		receipts = append(receipts, core.MakeReceipt(evm, result, db, header.Number, common.Hash{}, header.Time, tx, header.GasUsed, nil))
		included = append(included, tx)
	}
	header.Root, err = db.Commit(a.Number, true, false)
	must(err)
	must(c.tries.Commit(header.Root, false))
	block := types.NewBlock(header, &types.Body{Transactions: included, Withdrawals: []*types.Withdrawal{}}, receipts, trie.NewStackTrie(nil))
	sealed := block.Header()
	return goldenBlock{
		About: about, Attributes: a, Hash: block.Hash(), StateRoot: sealed.Root, TransactionsRoot: sealed.TxHash,
		ReceiptsRoot: sealed.ReceiptHash, GasUsed: sealed.GasUsed, Transactions: len(included), Header: encode(sealed),
	}, sealed
}
