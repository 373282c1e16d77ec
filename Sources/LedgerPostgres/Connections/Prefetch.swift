import LedgerSQL
import PostgresWire
import QuotaEngine
import QuotaLedger
import QuotaModel

/// What commands are going to read, asked for in a few queries that travel with the lock.
///
/// A node whose ledger others have written to remembers nothing; a row for a lease would be a round
/// trip each, while all nodes wait.
struct Prefetch {
    private var leases: Set<GrantID> = []
    private var limits: Set<AccountKey> = []

    init(_ commands: [LedgerCommand]) {
        for command in commands {
            switch command {
            case .fold(let fold): for use in fold.uses { leases.insert(use.lease) }
            case .draw(let draw):
                for want in draw.wants {
                    leases.insert(want.lease)
                    limits.insert(want.demand.limit.accountKey(of: draw.tenant))
                }
                for item in draw.returns { leases.insert(item.lease) }
            default: break
            }
        }
    }

    private static let asked = "unnest($1::text[], $2::bigint[], $3::bigint[]) AS asked (h, i, s)"
    private static let isAsked = "holder = asked.h AND incarnation = asked.i AND sequence = asked.s"
    private static let askedLimits = "unnest($1::text[], $2::text[]) AS asked (t, l)"

    private static let leaseText = "SELECT leases.* FROM \(asked) JOIN leases ON \(isAsked)"
    private static let accountText = """
        SELECT accounts.* FROM (
            SELECT DISTINCT account_owner AS t, limit_name AS l, period_start_ns AS p
            FROM \(asked) JOIN leases ON \(isAsked)) AS found
        JOIN accounts ON accounts.tenant = found.t AND accounts.limit_name = found.l
            AND accounts.period_start_ns = found.p
        """
    private static let newestText = """
        SELECT DISTINCT ON (accounts.tenant, accounts.limit_name) accounts.*
        FROM \(askedLimits)
        JOIN accounts ON accounts.tenant = asked.t AND accounts.limit_name = asked.l
        WHERE NOT EXISTS (
            SELECT 1 FROM archives WHERE archives.tenant = accounts.tenant
                AND archives.limit_name = accounts.limit_name
                AND archives.period_start_ns > accounts.period_start_ns)
        ORDER BY accounts.tenant, accounts.limit_name, accounts.period_start_ns DESC
        """
    private static let unclosedText = """
        SELECT leases.* FROM \(askedLimits)
        JOIN leases ON leases.account_owner = asked.t AND leases.limit_name = asked.l
            AND leases.state <> 'closed'
        """

    /// The queries, if there is anything to read.
    var statements: [PostgresStatement] {
        var statements: [PostgresStatement] = []
        if !leases.isEmpty {
            let (types, values) = ids
            statements += [Self.leaseText, Self.accountText]
                .map { PostgresStatement($0, arraysOf: types, values) }
        }
        if !limits.isEmpty {
            let values = keys
            statements += [Self.newestText, Self.unclosedText]
                .map { PostgresStatement($0, arraysOf: [.text, .text], values) }
        }
        return statements
    }

    private var ids: ([PostgresType], PostgresParameters) {
        var (holders, incarnations, sequences) = (
            PostgresArray(of: .text), PostgresArray(of: .integer), PostgresArray(of: .integer)
        )
        // In the order of the index.
        for id in leases.sorted(by: { ($0.holder, $0.sequence) < ($1.holder, $1.sequence) }) {
            holders.append(id.holder.utf8)
            incarnations.append(id.incarnation)
            sequences.append(id.sequence)
        }
        var values = PostgresParameters()
        for array in [holders, incarnations, sequences] { values.add(array) }
        return ([.text, .integer, .integer], values)
    }

    private var keys: PostgresParameters {
        var (tenants, names) = (PostgresArray(of: .text), PostgresArray(of: .text))
        for key in limits {
            tenants.append(key.tenant.text.utf8)
            names.append(key.limit.text.utf8)
        }
        var values = PostgresParameters()
        values.add(tenants)
        values.add(names)
        return values
    }

    /// What the queries found; there is a result for each.
    func preloaded(
        _ results: [PostgresResult],
        _ session: PostgresSession
    ) throws(LedgerError) -> Preloaded {
        var preloaded = Preloaded()
        var rest = results[...]
        func next(_ text: String) throws(LedgerError) -> [SQLRow] {
            guard let result = rest.popFirst() else { return [] }
            var rows: [SQLRow] = []
            try session.rows(of: result, as: text) { row throws(LedgerError) in
                rows.append(row)
                return true
            }
            return rows
        }
        if !leases.isEmpty {
            preloaded.take(leases: try next(Self.leaseText), asked: leases)
            preloaded.take(accounts: try next(Self.accountText))
        }
        if !limits.isEmpty {
            let newest = try next(Self.newestText)
            preloaded.take(newest: newest, unclosed: try next(Self.unclosedText), asked: limits)
        }
        return preloaded
    }
}
