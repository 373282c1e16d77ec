package import QuotaEngine
package import QuotaLedger

/// What was read for a transaction before it began, in few queries instead of one for each row.
///
/// It holds for this transaction alone, whose store is locked: what was asked for and not found is
/// not there.
package struct Preloaded: Sendable {
    /// Leases that were asked for by their ids; nil for those that are not there.
    var leases: [GrantID: LeaseRecord?] = [:]
    /// Accounts by their ids.
    var accounts: [AccountID: AccountRecord] = [:]
    /// The newest accounts of limits that were asked for; nil for those that have none.
    var newest: [AccountKey: AccountRecord?] = [:]
    /// The leases that are not closed, of the accounts of limits that were asked for.
    var unclosed: [AccountKey: [LeaseRecord]] = [:]

    /// Nothing yet.
    package init() {}

    /// Takes the rows of leases that were asked for by their ids.
    package mutating func take(leases rows: [SQLRow], asked: some Sequence<GrantID>) {
        for id in asked { leases[id] = .some(nil) }
        for row in rows {
            let record = LeaseRows.lease(row)
            leases[record.grant.id] = record
        }
    }

    /// Takes the rows of accounts.
    package mutating func take(accounts rows: [SQLRow]) {
        for row in rows {
            let record = AccountRows.record(row)
            accounts[record.id] = record
        }
    }

    /// Takes the rows of the newest accounts of limits, and those of their leases that are not
    /// closed.
    package mutating func take(
        newest rows: [SQLRow],
        unclosed leaseRows: [SQLRow],
        asked: some Sequence<AccountKey>
    ) {
        for key in asked {
            newest[key] = .some(nil)
            unclosed[key] = []
        }
        for row in rows {
            let record = AccountRows.record(row)
            newest[record.key] = record
            accounts[record.id] = record
        }
        for row in leaseRows {
            let record = LeaseRows.lease(row)
            unclosed[record.account.key, default: []].append(record)
        }
    }
}
