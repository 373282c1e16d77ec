import QuotaEngine
import QuotaModel
import Testing

/// Units of one period that the next one has.
@Suite("Carried units")
struct CarryTests {
    @Test("are part of the capacity, and not of what the limit gives")
    func opens() {
        let account = Account(quantity: 100, limitRevision: 1, carried: 30)
        #expect(account.balances == [130, 130, 0, 0, 0])
        #expect(account.carried == 30)
        #expect(account.quantity == 130)
        #expect(account.allowance == 100)
        #expect(account.isConserved)
    }

    @Test("only grow, and make room as they do")
    func grows() throws {
        var account = Account(quantity: 100, limitRevision: 1, carried: 30)
        try account.carry(45)
        #expect(account.balances == [145, 145, 0, 0, 0])
        #expect(account.version == 1)
        try account.carry(20)
        #expect(account.carried == 45)
        #expect(account.version == 1)
    }

    @Test("stay when the limit changes")
    func survivesChanges() throws {
        var account = Account(quantity: 100, limitRevision: 1, carried: 30)
        try account.setQuantity(10, limitRevision: 2)
        #expect(account.capacity == 40)
        try account.setQuantity(nil, limitRevision: 3)
        #expect(account.capacity == Amount.unlimitedCapacity)
        #expect(account.allowance == nil)
        try account.carry(50)
        #expect(account.capacity == Amount.unlimitedCapacity)
        try account.setQuantity(20, limitRevision: 4)
        #expect(account.capacity == 70)
        #expect(account.allowance == 20)
    }

    @Test("never make a sum that leaves its range", arguments: [0, 1, Int64.max / 2, Int64.max])
    func range(quantity: Int64) throws {
        var account = Account(quantity: quantity, limitRevision: 1, carried: .max)
        #expect(account.isConserved)
        #expect(account.allowance == quantity)
        try account.carry(.max)
        try account.setQuantity(Amount.maximum, limitRevision: 2)
        #expect(account.isConserved)
        #expect(account.allowance == Amount.maximum)
    }

    @Test("can't be raised in a period that is closed")
    func closed() {
        var account = Account(quantity: 100, limitRevision: 1)
        account.advance(to: .closed)
        #expect(throws: AccountError.periodClosed) { try account.carry(1) }
    }
}
