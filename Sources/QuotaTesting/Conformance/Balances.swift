import QuotaEngine

/// The balances of an account, to compare with.
struct Balances: Hashable, Sendable, CustomStringConvertible {
    var posted: Int64 = 0
    var held: Int64 = 0
    var suspect: Int64 = 0
    var available: Int64

    var description: String {
        "posted \(posted), held \(held), suspect \(suspect), available \(available)"
    }
}

extension Balances {
    init(_ account: Account) {
        posted = account.posted
        held = account.escrowed
        suspect = account.suspect
        available = account.available
    }
}
