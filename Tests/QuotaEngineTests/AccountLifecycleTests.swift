import QuotaEngine
import QuotaModel
import Testing

@Suite("When accounts open and close")
struct AccountLifecycleTests {
    private static let day: Int64 = 86_400
    private static let first = period(0, 1, 10)
    private static let second = period(1, 2, 11)
    private static let grace = AccountLifecycle.graceNanoseconds

    private static func period(_ start: Int64, _ end: Int64, _ index: Int64) -> Period {
        Period(
            start: Timestamp(seconds: start * day), end: Timestamp(seconds: end * day),
            index: index)
    }

    struct Choice: Sendable {
        let current: Period?
        let calendar: Period
        let now: Timestamp
        let choice: AccountLifecycle.Choice
    }

    @Test(arguments: [
        Choice(current: nil, calendar: first, now: first.start, choice: .open(first)),
        Choice(current: first, calendar: first, now: first.start, choice: .current),
        Choice(
            current: first, calendar: first, now: first.end.adding(nanoseconds: -1),
            choice: .current),
        Choice(current: first, calendar: second, now: first.end, choice: .open(second)),
        // A clock that steps back uses what is open.
        Choice(
            current: second, calendar: first, now: first.end.adding(nanoseconds: -1),
            choice: .current),
        // A calendar that changed neither overlaps what was nor leaves a gap to it.
        Choice(
            current: first, calendar: period(0, 2, 4), now: first.end,
            choice: .open(period(1, 2, 4))),
        // Periods in which nothing was used are left out.
        Choice(
            current: first, calendar: period(7, 8, 17), now: Timestamp(seconds: 7 * day),
            choice: .open(period(7, 8, 17))),
        Choice(
            current: .lifetime, calendar: .lifetime, now: second.end, choice: .current),
    ])
    func chooses(_ row: Choice) {
        let choice = AccountLifecycle.choose(
            current: row.current, calendar: row.calendar, now: row.now)
        #expect(choice == row.choice)
    }

    struct Stage: Sendable {
        let state: Account.State
        let outstanding: Int64
        let afterEnd: Int64
        let expected: Account.State
    }

    @Test(arguments: [
        Stage(state: .open, outstanding: 0, afterEnd: -1, expected: .open),
        Stage(state: .open, outstanding: 5, afterEnd: -1, expected: .open),
        Stage(state: .open, outstanding: 0, afterEnd: 0, expected: .closed),
        Stage(state: .open, outstanding: 5, afterEnd: 0, expected: .closing),
        Stage(state: .closing, outstanding: 5, afterEnd: 1, expected: .closing),
        Stage(state: .closing, outstanding: 0, afterEnd: 1, expected: .closed),
        Stage(state: .closing, outstanding: 5, afterEnd: grace - 1, expected: .closing),
        Stage(state: .closing, outstanding: 5, afterEnd: grace, expected: .closed),
        Stage(state: .open, outstanding: 5, afterEnd: grace, expected: .closed),
        // A clock that steps back opens nothing again.
        Stage(state: .closing, outstanding: 5, afterEnd: -1, expected: .closing),
        Stage(state: .closed, outstanding: 5, afterEnd: -1, expected: .closed),
    ])
    func stages(_ row: Stage) {
        for isSuspect in [false, true] {
            let account = Account(
                capacity: 100, available: 100 - row.outstanding,
                escrowed: isSuspect ? 0 : row.outstanding,
                suspect: isSuspect ? row.outstanding : 0, posted: 0, isUnlimited: false,
                state: row.state, limitRevision: 1, version: 0)
            let state = AccountLifecycle.state(
                of: account, period: Self.first,
                now: Self.first.end.adding(nanoseconds: row.afterEnd))
            #expect(state == row.expected)
        }
    }

    @Test("the grace is 15 minutes and a lifetime never ends")
    func graceTime() {
        #expect(AccountLifecycle.graceNanoseconds == 900_000_000_000)
        let account = Account(quantity: 1, limitRevision: 1)
        let late = Timestamp(nanoseconds: .max - 1)
        #expect(AccountLifecycle.state(of: account, period: .lifetime, now: late) == .open)
    }

    @Test("states only go forward")
    func forward() {
        let states = Account.State.allCases
        for (from, left) in states.enumerated() {
            for (to, right) in states.enumerated() {
                var account = Account(quantity: 1, limitRevision: 1)
                account.advance(to: left)
                account.advance(to: right)
                #expect(account.state == states[max(from, to)])
            }
        }
    }
}
