import QuotaEngine
import QuotaLedger
import QuotaModel
import QuotaTesting
import Testing

@testable import QuotaNode

/// States of tenants as they never are, and as they mostly are: each comes back as it was.
@Suite("packed tenants")
struct PackedStateTests {
    private static let holder = Holder(name: "node", incarnation: 7)
    private static let tenant = TenantID(trusted: "acme")
    private static let numbers: [Int64] = [
        0, 1, -1, 63, 64, 127, 128, 1_000_000, Amount.maximum, .max, .min, .max - 1,
    ]

    /// Makes states up.
    private struct Maker {
        var source: SeededRandom

        mutating func number() -> Int64 {
            Bool.random(using: &source)
                ? numbers.randomElement(using: &source) ?? 0
                : Int64.random(in: -1_000...1_000_000_000_000, using: &source)
        }

        mutating func instant() -> Timestamp { Timestamp(nanoseconds: number()) }

        mutating func flag() -> Bool { Bool.random(using: &source) }

        mutating func period() -> Period {
            if Int.random(in: 0..<4, using: &source) == 0 { return .lifetime }
            let start = Int64.random(in: 0...5, using: &source)
            return Period(
                start: Timestamp(nanoseconds: start), end: Timestamp(nanoseconds: start + 100),
                index: number())
        }

        mutating func lease(_ sequence: Int64, _ period: Period) -> HeldLease {
            var lease = HeldLease(
                id: GrantID(holder: holder.name, incarnation: 7, sequence: sequence),
                size: number(), revision: number(), period: period, endsAt: instant(), epoch: 3)
            (lease.used, lease.usedAt) = (number(), instant())
            if flag() {
                (lease.overage, lease.foldedOverage) = (number(), number())
                (lease.held, lease.returned) = (number(), number())
                (lease.moved, lease.returnedBefore) = (number(), number())
            }
            (lease.isClosed, lease.isFolded) = (flag(), flag())
            return lease
        }

        mutating func snapshot(_ key: AccountKey, _ known: LeasedAccount) -> AccountSnapshot {
            let leases = known.leases.map { lease in
                flag()
                    ? Grant(id: lease.id, size: lease.size)
                    : Grant(
                        id: lease.id, size: number(), posted: number(), returned: number(),
                        carved: number(), overage: number(),
                        state: Grant.State.allCases.randomElement(using: &source) ?? .open)
            }
            return AccountSnapshot(
                tenant: tenant, key: key,
                period: Period(
                    start: .distantPast, end: flag() ? .distantFuture : instantAfterStart(),
                    index: 0),
                account: Account(
                    capacity: number(), available: number(), escrowed: number(),
                    suspect: number(), posted: number(), isUnlimited: flag(),
                    state: Account.State.allCases.randomElement(using: &source) ?? .open,
                    limitRevision: number(), version: number(), extra: number()),
                leases: leases, at: instant(), order: number())
        }

        mutating func instantAfterStart() -> Timestamp {
            Timestamp(nanoseconds: Int64.random(in: 1...1_000_000_000, using: &source))
        }

        mutating func account(_ key: AccountKey) -> LeasedAccount {
            var known = LeasedAccount()
            for sequence in 0..<Int64.random(in: 0...3, using: &source) {
                known.leases.append(lease(sequence * 1_000_003, period()))
            }
            if flag() { known.snapshot = snapshot(key, known) }
            (known.seenAt, known.endsAt, known.drawnAt) = (instant(), instant(), instant())
            if flag() { known.endsAt = .distantFuture }
            if flag() {
                known.refusal = RememberedRefusal(
                    amount: number(), version: number(), revision: number(), until: instant(),
                    growth: number())
            }
            (known.isInDebt, known.wanted) = (flag(), number())
            return known
        }

        mutating func state() -> LeaseTable.TenantState {
            var state = LeaseTable.TenantState()
            let names = [
                "tenant:api_calls/month", "key(k_1):api_calls/day", "key():api_calls/day",
                "key(a):b):c/day", "key(", "model(é):ai_tokens/day", "",
            ]
            for name in names where flag() {
                let key = AccountKey(tenant: tenant, limit: name)
                state.accounts[key] = account(key)
            }
            for name in names where flag() {
                let rate = TokenBucket.Rate(
                    quantity: Int64.random(in: 0...3, using: &source), windowNanoseconds: 1,
                    burst: 5)
                state.buckets[AccountKey(tenant: tenant, limit: name)] = RateBucket(
                    bucket: TokenBucket(
                        missing: Int128(number()) * Int128(number()), updatedAt: instant()),
                    rate: rate)
            }
            return state
        }
    }

    @Test(
        "come back as they were, and leave nothing behind",
        arguments: 1...40 as ClosedRange<UInt64>)
    func roundTrip(_ seed: UInt64) throws {
        var maker = Maker(source: SeededRandom(seed: seed))
        var tables = PackedTables(holder: Self.holder)
        var packs: [(PackedState, LeaseTable.TenantState)] = []
        for _ in 0..<40 {
            let state = maker.state()
            let pack = tables.pack(state, of: Self.tenant, epoch: 3)
            packs.append((try #require(pack), state))
        }
        for (pack, state) in packs.shuffled(using: &maker.source) {
            let looked = tables.state(pack, of: Self.tenant)
            for known in [looked, tables.unpack(pack, of: Self.tenant)] {
                #expect(known.accounts == state.accounts)
                #expect(known.buckets == state.buckets)
            }
            let ends = state.accounts.values.flatMap { $0.leases.map(\.endsAt) }
            #expect(pack.attentionAt == ends.min() ?? .distantFuture)
        }
        #expect(tables.count == 0)
    }

    @Test("what needs to be looked at is not packed")
    func unpackable() {
        var maker = Maker(source: SeededRandom(seed: 1))
        var tables = PackedTables(holder: Self.holder)
        let key = AccountKey(tenant: Self.tenant, limit: "tenant:api_calls/month")
        func packs(_ change: (inout LeaseTable.TenantState) -> Void) -> Bool {
            var state = LeaseTable.TenantState()
            state.accounts[key] = LeasedAccount()
            state.accounts[key]?.leases = [maker.lease(1, .lifetime)]
            change(&state)
            return tables.pack(state, of: Self.tenant, epoch: 3) != nil
        }
        #expect(packs { _ in })
        #expect(!packs { $0.organization = OrganizationID(trusted: "o") })
        #expect(!packs { $0.accounts[key]?.leases[0].isRecalled = true })
        #expect(!packs { $0.accounts[key]?.leases[0].isReturnUnsent = true })
        #expect(
            !packs {
                $0.accounts[AccountKey(tenant: TenantID(trusted: "o"), limit: "x")] =
                    LeasedAccount()
            })
        let empty = tables.pack(LeaseTable.TenantState(), of: Self.tenant, epoch: 4)
        #expect(empty != nil)
    }

    @Test("a value is gone with the last one who has it")
    func interned() {
        var table = InternTable<String>()
        let (first, second, again) = (table.take("a"), table.take("b"), table.take("a"))
        #expect(again == first && first != second)
        table.leave(first)
        #expect(table[first] == "a" && table.count == 2)
        table.leave(first)
        #expect(table.count == 1)
        let third = table.take("c")
        #expect(third == first && table[third] == "c")
    }
}
