import QuotaEngine
import QuotaModel
import QuotaTesting
import Testing

@Suite("The range of an account")
struct AccountRangeTests {
    private let id = GrantID(holder: "node", incarnation: 1, sequence: 1)

    @Test("an overflow is an error and changes nothing")
    func overflows() throws {
        var account = Account(quantity: 10, limitRevision: 1)
        var grant = try #require(try account.grant(id, size: 10))
        try account.book(overage: Int64.max - 15)
        let before = account
        let kept = grant
        #expect(throws: AccountError.overflow) { try account.book(overage: 6) }
        #expect(throws: AccountError.overflow) { try account.report(&grant, used: 20) }
        #expect(throws: AccountError.overflow) { try account.close(&grant, used: .max) }
        #expect(account == before && grant == kept)
        try account.expire(&grant)
        let suspect = account
        #expect(throws: AccountError.overflow) { try account.resolve(&grant, provenUse: .max) }
        #expect(account == suspect && grant.state == .suspect)
        #expect(try account.report(&grant, used: 5) == 0)
    }

    @Test("negative amounts are refused and change nothing")
    func negative() throws {
        var account = Account(quantity: 100, limitRevision: 1)
        var grant = try #require(try account.grant(id, size: 10))
        let before = account
        for amount in [-1, Int64.min] {
            #expect(throws: AccountError.invalidAmount) { try account.grant(id, size: amount) }
            #expect(throws: AccountError.invalidAmount) {
                try account.report(&grant, used: amount)
            }
            #expect(throws: AccountError.invalidAmount) {
                try account.close(&grant, used: amount)
            }
            #expect(throws: AccountError.invalidAmount) { try account.book(overage: amount) }
            #expect(throws: AccountError.invalidAmount) { try grant.settleLate(used: amount) }
        }
        #expect(account == before && grant.state == .open)
    }

    @Test("a return below the range is no trap")
    func returnBelowRange() async {
        await #expect(processExitsWith: .success) {
            var account = Account(quantity: 100, limitRevision: 1)
            let id = GrantID(holder: "node", incarnation: 1, sequence: 1)
            guard var grant = try account.grant(id, size: 10) else { return }
            try account.giveBack(&grant, returned: 5)
            try? account.giveBack(&grant, returned: .min)
        }
    }

    @Test("a closed period never changes")
    func closed() throws {
        var account = Account(quantity: 100, limitRevision: 1)
        var grant = try #require(try account.grant(id, size: 10))
        account.advance(to: .closing)
        #expect(try account.grant(id, size: 1) == nil, "a closing period grants nothing")
        #expect(try account.report(&grant, used: 4) == 0, "it still settles")
        account.advance(to: .closed)
        let before = account
        #expect(try account.grant(id, size: 1) == nil)
        #expect(throws: AccountError.periodClosed) { try account.report(&grant, used: 5) }
        #expect(throws: AccountError.periodClosed) { try account.close(&grant, used: 5) }
        #expect(throws: AccountError.periodClosed) { try account.expire(&grant) }
        #expect(throws: AccountError.periodClosed) {
            try account.setQuantity(200, limitRevision: 2)
        }
        #expect(account == before)
        #expect(try grant.settleLate(used: 9) == 5, "late use is booked elsewhere, its rest once")
        #expect(try grant.settleLate(used: 9) == 0)
        #expect(try grant.settleLate(used: 20) == 11)
        #expect(grant.state == .closed)
    }

    @Test("random operations conserve every unit", arguments: 1...40)
    func conserves(_ seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed))
        var account = Account(quantity: 1_000, limitRevision: 1)
        var grants: [Grant] = []
        var revision: Int64 = 1
        for step in 0..<400 {
            let amount = Int64.random(in: 0...120, using: &random)
            let index = grants.isEmpty ? 0 : Int.random(in: 0..<grants.count, using: &random)
            let available = account.available
            switch Int.random(in: 0..<9, using: &random) {
            case 0...2:
                let enforced = Int.random(in: 0..<8, using: &random) > 0
                let id = GrantID(holder: "node", incarnation: 1, sequence: Int64(step))
                if let grant = try account.grant(id, size: amount, enforced: enforced) {
                    grants.append(grant)
                    #expect(!enforced || amount <= available)
                }
            case 3: if !grants.isEmpty { _ = try? account.report(&grants[index], used: amount) }
            case 4: if !grants.isEmpty { try? account.giveBack(&grants[index], returned: amount) }
            case 5: if !grants.isEmpty { _ = try? account.close(&grants[index], used: amount) }
            case 6:
                if !grants.isEmpty { try? account.expire(&grants[index]) }
                #expect(account.available == available, "an expiry frees nothing")
            case 7:
                if !grants.isEmpty { _ = try? account.resolve(&grants[index], provenUse: amount) }
            default:
                revision += 1
                try account.setQuantity(900 + amount, limitRevision: revision)
            }
            #expect(account.isConserved, "\(random), step \(step)")
            #expect(account.escrowed == grants.rest(.open), "\(random), step \(step)")
            #expect(account.suspect == grants.rest(.suspect), "\(random), step \(step)")
            #expect(
                account.posted == grants.reduce(0) { $0 + $1.posted + $1.overage },
                "\(random), step \(step)")
            #expect(grants.rest(.closed) == 0, "\(random), step \(step)")
        }
    }
}

extension [Grant] {
    /// What grants of a state have left.
    fileprivate func rest(_ state: Grant.State) -> Int64 {
        reduce(0) { $1.state == state ? $0 + $1.rest : $0 }
    }
}
