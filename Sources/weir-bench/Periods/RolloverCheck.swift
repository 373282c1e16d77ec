import GRDB
import QuotaModel
import QuotaNode
import WeirClient

/// Compares what a rollover has left of all tenants with what it must leave.
struct RolloverCheck: Sendable {
    let tenants: RolloverTenants
    /// Units granted by tenant while it was measured, in the month that ended.
    let ending: [Int32]
    /// The same in the month that followed.
    let following: [Int32]
    /// How many units of each are held for good, and so neither used nor carried.
    let held: @Sendable (Int) -> Int64

    /// What it has found, in units.
    struct Sums: Sendable {
        var posted: Int64 = 0
        var carried: Int64 = 0
        var expired: Int64 = 0
        /// Tenants with an account of the new month.
        var opened = 0
    }

    private func used(_ number: Int) -> Int64 {
        tenants.used(number) + Int64(ending[number])
    }

    /// Units of all tenants that must be posted in the month that ended.
    var posted: Int64 { (0..<tenants.count).reduce(0) { $0 + used($1) } }

    private func left(_ number: Int) -> (carried: Int64, expired: Int64) {
        RolloverTenants.left(used: used(number) + held(number))
    }

    /// Asks the node for the limit of each tenant in the new month.
    func ask(_ node: QuotaNode) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            let workers = 64
            for worker in 0..<workers {
                group.addTask {
                    for number in stride(from: worker, to: tenants.count, by: workers) {
                        try await ask(node, number)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private func ask(_ node: QuotaNode, _ number: Int) async throws {
        let id = tenants.id(number)
        let limit =
            try await node.effectiveLimit(
                for: Meter.apiCalls.id, window: .month, tenant: id
            )
            .status
        let quantity = RolloverTenants.quantity + left(number).carried
        guard limit?.limit == quantity, limit?.used == Int64(following[number]) else {
            throw LoadFailure(
                "\(id.text) has \(limit.map { "\($0.limit ?? -1), used \($0.used)" } ?? "nothing")"
                    + " instead of \(quantity), used \(following[number])")
        }
    }

    /// Reads the archived month of each tenant, and the account of the new one where it has one.
    func read(_ path: String) throws -> Sums {
        var sums = Sums()
        let queue = try DatabaseQueue(path: path)
        try queue.read { database in
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT archives.capacity, archives.posted, archives.suspect,
                        archives.available, archives.terms ->> '$.closing.carried',
                        archives.terms ->> '$.closing.expired',
                        archives.terms ->> '$.closing.overage',
                        accounts.capacity, accounts.posted, accounts.available
                    FROM archives LEFT JOIN accounts USING (tenant, limit_name)
                    WHERE archives.tenant LIKE 'tenant-%' ORDER BY archives.tenant
                    """)
            var number = 0
            while let row = try rows.next() {
                guard number < tenants.count else { break }
                try check(row, number, &sums)
                number += 1
            }
            guard number == tenants.count, try rows.next() == nil else {
                throw LoadFailure("\(number) of \(tenants.count) months were closed")
            }
        }
        return sums
    }

    private func check(_ row: Row, _ number: Int, _ sums: inout Sums) throws {
        let (carried, expired) = left(number)
        let used = used(number)
        let archive: [Int64?] = (0..<7).map { row[$0] }
        let expected = [
            RolloverTenants.quantity, used, held(number),
            RolloverTenants.quantity - used - held(number), carried, expired, 0,
        ]
        let account: [Int64?] = (7..<10).map { row[$0] }
        let opened = Int64(following[number])
        let capacity = RolloverTenants.quantity + carried
        guard archive == expected,
            account == [capacity, opened, capacity - opened]
                || opened == 0 && account == [nil, nil, nil]
        else {
            throw LoadFailure(
                "\(tenants.id(number).text) closed with \(archive) instead of \(expected), and has "
                    + "\(account) of \(capacity), used \(opened)")
        }
        sums.posted += used
        sums.carried += carried
        sums.expired += expired
        if account[0] != nil { sums.opened += 1 }
    }
}
