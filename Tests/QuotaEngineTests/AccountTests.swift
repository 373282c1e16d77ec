import QuotaEngine
import QuotaModel
import Testing

@Suite("An account's verbs")
struct AccountTests {
    private let id = GrantID(holder: "node", incarnation: 1, sequence: 1)

    /// An account of 100 with one grant.
    private func granted(
        _ size: Int64,
        of quantity: Int64? = 100
    ) throws -> (account: Account, grant: Grant) {
        var account = Account(quantity: quantity, limitRevision: 1)
        let grant = try #require(try account.grant(id, size: size))
        return (account, grant)
    }

    @Test("a new account has everything available")
    func opens() {
        let account = Account(quantity: 100, limitRevision: 3)
        #expect(account.balances == [100, 100, 0, 0, 0])
        #expect(account.isConserved && account.state == .open)
        #expect(account.quantity == 100 && account.used == 0 && account.limitRevision == 3)
        let unlimited = Account(quantity: nil, limitRevision: 1)
        #expect(unlimited.quantity == nil && unlimited.isUnlimited && unlimited.isConserved)
        #expect(Account(quantity: 0, limitRevision: 1).balances == [0, 0, 0, 0, 0])
    }

    @Test(
        "a grant leaves available before it can be spent",
        arguments: [(0, true), (1, true), (100, true), (101, false), (Int64.max, false)])
    func grants(_ size: Int64, _ isGranted: Bool) throws {
        var account = Account(quantity: 100, limitRevision: 1)
        let before = account
        let grant = try account.grant(id, size: size)
        #expect((grant != nil) == isGranted)
        if isGranted {
            #expect(account.balances == [100, 100 - size, size, 0, 0])
            #expect(grant?.rest == size)
        } else {
            #expect(account == before)
        }
    }

    @Test("an account that does not enforce grants into the negative")
    func grantsUnenforced() throws {
        var account = Account(quantity: 100, limitRevision: 1)
        let grant = try account.grant(id, size: 130, enforced: false)
        #expect(grant?.size == 130)
        #expect(account.balances == [100, -30, 130, 0, 0])
        #expect(try account.grant(id, size: 1) == nil)
    }

    @Test("a report posts its growth; the largest counts")
    func reports() throws {
        var (account, grant) = try granted(40)
        for (used, posted) in [(10, 10), (10, 10), (3, 10), (25, 25), (24, 25), (40, 40)] {
            #expect(try account.report(&grant, used: Int64(used)) == 0)
            #expect(account.balances == [100, 60, 40 - Int64(posted), 0, Int64(posted)])
        }
    }

    @Test("reports in every order, once and twice, come to the same")
    func reportsInEveryOrder() throws {
        let reports: [Int64] = [5, 17, 40, 52]
        for order in permutations(reports) {
            var (account, grant) = try granted(40)
            var overage: Int64 = 0
            for used in order + order { overage += try account.report(&grant, used: used) }
            #expect(account.balances == [100, 48, 0, 0, 52], "\(order)")
            #expect(overage == 12, "\(order)")
            #expect(grant.posted == 40 && grant.overage == 12, "\(order)")
        }
    }

    @Test("use beyond a grant is an overage once")
    func overage() throws {
        var (account, grant) = try granted(100)
        #expect(try account.report(&grant, used: 130) == 30)
        #expect(try account.report(&grant, used: 130) == 0)
        #expect(try account.report(&grant, used: 120) == 0)
        #expect(try account.report(&grant, used: 135) == 5)
        #expect(account.balances == [100, -35, 0, 0, 135])
        #expect(try account.grant(id, size: 1) == nil)
    }

    @Test("units are given back once, and only those that are neither used nor gone")
    func givesBack() throws {
        var (account, grant) = try granted(40)
        _ = try account.report(&grant, used: 10)
        try account.giveBack(&grant, returned: 20)
        try account.giveBack(&grant, returned: 20)
        try account.giveBack(&grant, returned: 5)
        #expect(account.balances == [100, 80, 10, 0, 10])
        let before = account
        #expect(throws: AccountError.invalidAmount) {
            try account.giveBack(&grant, returned: 31)
        }
        #expect(account == before && grant.returned == 20)
        #expect(try account.report(&grant, used: 25) == 5)
        #expect(account.balances == [100, 75, 0, 0, 25])
    }

    @Test("a close reports and gives the rest back")
    func closes() throws {
        for (used, balances) in [
            (Int64(0), [100, 100, 0, 0, 0]), (40, [100, 60, 0, 0, 40]),
            (15, [100, 85, 0, 0, 15]), (50, [100, 50, 0, 0, 50]),
        ] as [(Int64, [Int64])] {
            var (account, grant) = try granted(40)
            #expect(try account.close(&grant, used: used) == max(0, used - 40))
            #expect(account.balances == balances)
            #expect(grant.state == .closed && grant.rest == 0)
            // A report that comes after the close is accepted too.
            #expect(try account.report(&grant, used: used) == 0)
            #expect(account.balances == balances)
        }
    }

    @Test("an expired grant never returns to available by itself")
    func expires() throws {
        var (account, grant) = try granted(40)
        _ = try account.report(&grant, used: 10)
        let available = account.available
        try account.expire(&grant)
        #expect(account.balances == [100, available, 0, 30, 10])
        #expect(grant.state == .suspect)
        #expect(throws: AccountError.wrongGrantState) { try account.expire(&grant) }
        #expect(try account.report(&grant, used: 15) == 0)
        #expect(account.balances == [100, available, 0, 25, 15])
        #expect(account.version == 0, "no remembered refusal is void")
    }

    @Test(
        "a resolve posts proven use and frees the remainder",
        arguments: [(0, 10), (10, 10), (25, 25), (40, 40), (44, 44)])
    func resolves(_ proven: Int64, _ posted: Int64) throws {
        var (account, grant) = try granted(40)
        _ = try account.report(&grant, used: 10)
        #expect(throws: AccountError.wrongGrantState) {
            try account.resolve(&grant, provenUse: 10)
        }
        try account.expire(&grant)
        #expect(try account.resolve(&grant, provenUse: proven) == max(0, proven - 40))
        #expect(account.balances == [100, 100 - posted, 0, 0, posted])
        #expect(grant.state == .closed && grant.rest == 0)
    }

    @Test("fencing never stops accounting: a silent holder's word is taken, at most once")
    func fencedAccounting() throws {
        var (account, grant) = try granted(40)
        try account.expire(&grant)
        try account.giveBack(&grant, returned: 10)
        try account.giveBack(&grant, returned: 10)
        #expect(account.balances == [100, 70, 0, 30, 0])
        #expect(try account.close(&grant, used: 12) == 0)
        #expect(account.balances == [100, 88, 0, 0, 12])
        #expect(try account.close(&grant, used: 12) == 0, "a repeated close is accepted")
        #expect(account.balances == [100, 88, 0, 0, 12])
    }

    @Test("lowering a limit claws nothing back and grants nothing")
    func lowers() throws {
        var (account, grant) = try granted(60)
        _ = try account.report(&grant, used: 20)
        try account.setQuantity(30, limitRevision: 2)
        #expect(account.balances == [30, -30, 40, 0, 20])
        #expect(try account.grant(id, size: 1) == nil)
        #expect(try account.report(&grant, used: 60) == 0, "what was granted may be used")
        #expect(account.balances == [30, -30, 0, 0, 60])
        try account.setQuantity(500, limitRevision: 2)
        try account.setQuantity(500, limitRevision: 1)
        #expect(account.capacity == 30, "a revision that is not newer changes nothing")
        try account.setQuantity(nil, limitRevision: 3)
        #expect(account.quantity == nil && account.isConserved && account.posted == 60)
        try account.setQuantity(80, limitRevision: 4)
        #expect(account.balances == [80, 20, 0, 0, 60])
    }

    @Test("the version grows exactly when available grows")
    func version() throws {
        var (account, grant) = try granted(40)
        #expect(account.version == 0)
        try account.giveBack(&grant, returned: 1)
        #expect(account.version == 1)
        _ = try account.report(&grant, used: 10)
        #expect(account.version == 1)
        _ = try account.close(&grant, used: 10)
        #expect(account.version == 2)
        try account.setQuantity(90, limitRevision: 2)
        #expect(account.version == 2)
        try account.setQuantity(91, limitRevision: 3)
        #expect(account.version == 3)
    }
}
