import QuotaEngine
import QuotaModel
import Testing

/// Units that an account has on top of what its limit gives.
@Suite("Units on top")
struct CarryTests {
    @Test("are part of the capacity, and not of what the limit gives")
    func opens() {
        let account = Account(quantity: 100, limitRevision: 1, extra: 30)
        #expect(account.balances == [130, 130, 0, 0, 0])
        #expect(account.extra == 30)
        #expect(account.quantity == 130)
        #expect(account.allowance == 100)
        #expect(account.isConserved)
    }

    @Test("make room as they grow, and take it when they shrink")
    func changes() throws {
        var account = Account(quantity: 100, limitRevision: 1, extra: 30)
        try account.setExtra(45)
        #expect(account.balances == [145, 145, 0, 0, 0])
        #expect(account.version == 1)
        try account.setExtra(-120)
        #expect(account.balances == [-20, -20, 0, 0, 0])
        #expect(account.version == 1)
        #expect(account.quantity == 0)
        #expect(account.allowance == 100)
    }

    @Test("stay when the limit changes")
    func survivesChanges() throws {
        var account = Account(quantity: 100, limitRevision: 1, extra: 30)
        try account.setQuantity(10, limitRevision: 2)
        #expect(account.capacity == 40)
        try account.setQuantity(nil, limitRevision: 3)
        #expect(account.capacity == Amount.unlimitedCapacity)
        #expect(account.allowance == nil)
        try account.setExtra(50)
        #expect(account.capacity == Amount.unlimitedCapacity)
        try account.setQuantity(20, limitRevision: 4)
        #expect(account.capacity == 70)
        #expect(account.allowance == 20)
    }

    @Test("never make a sum that leaves its range", arguments: [0, 1, Int64.max / 2, Int64.max])
    func range(quantity: Int64) throws {
        for extra in [Int64.max, .min] {
            var account = Account(quantity: quantity, limitRevision: 1, extra: extra)
            #expect(account.isConserved)
            #expect(account.allowance == quantity)
            try account.setExtra(extra)
            try account.setQuantity(Amount.maximum, limitRevision: 2)
            #expect(account.isConserved)
            #expect(account.allowance == Amount.maximum)
        }
    }

    @Test("can't be changed in a period that is closed", arguments: [100, nil] as [Int64?])
    func closed(quantity: Int64?) {
        var account = Account(quantity: quantity, limitRevision: 1)
        account.advance(to: .closed)
        #expect(throws: AccountError.periodClosed) { try account.setExtra(1) }
    }
}
