import Foundation
import LedgerPostgres
import QuotaCalendar
import QuotaEngine
import QuotaLedger
import QuotaModel
import RealServers
import Synchronization

/// Several ledgers on one database, with a tenant that has one monthly budget of tokens.
final class Fleet: Sendable {
    static let tenant = TenantID(trusted: "acme")

    let server: PostgresServer
    let ledgers: [LedgerPostgres]
    /// The schema's name, which is all that keeps tests apart.
    let schema: String
    private let limit: CompiledLimit
    private let decisions = Atomic<Int64>(0)

    /// Opens ledgers on a new schema, all at once.
    ///
    /// - Parameters:
    ///   - ports: where each finds the server; nil for the server itself.
    ///   - quantity: the tenant's tokens.
    ///   - server: another server than the one that tests share.
    ///   - change: what else is set.
    /// - Throws: why one does not open.
    init(
        _ ports: [Int?],
        quantity: Int64,
        server: PostgresServer? = nil,
        _ change: @escaping @Sendable (inout PostgresOptions) -> Void = { _ in }
    ) async throws {
        let shared = if let server { server } else { try await SharedPostgres.started() }
        self.server = shared
        let schema = "f" + UUID().uuidString.filter(\.isHexDigit).lowercased()
        self.schema = schema
        _ = try await shared.psql("CREATE SCHEMA \(schema)")
        limit = CompiledLimit(
            Limit(meter: Meter.aiTokens.id, window: .month, quantity: quantity), key: nil,
            source: .plan, revision: 1)
        ledgers = try await withThrowingTaskGroup(of: (Int, LedgerPostgres).self) { group in
            for (place, port) in ports.enumerated() {
                group.addTask {
                    var options = try PostgresOptions(
                        url: Self.url(port ?? shared.port, schema))
                    options.readerCount = 1
                    change(&options)
                    return (
                        place, try await LedgerPostgres(options, id: Self.id(schema, place))
                    )
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
                .sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    /// The id of one of the ledgers, which stands in what it sends to commit.
    private static func id(_ schema: String, _ place: Int) -> String { "\(schema)-\(place)" }

    func id(_ place: Int) -> String { Self.id(schema, place) }

    static func url(_ port: Int, _ schema: String) -> String {
        "postgres://weir@127.0.0.1:\(port)/postgres?options=-csearch_path%3D\(schema)"
    }

    func command(_ amount: Int64, decision: String? = nil) -> LedgerCommand {
        let number = decisions.add(1, ordering: .relaxed).newValue
        return .admit(
            AdmitCommand(
                tenant: Self.tenant, key: .service, model: nil,
                charges: [
                    MeteredCharge(
                        charge: Charge(meter: Meter.aiTokens.id, amount: amount),
                        recording: .event)
                ],
                demands: [Demand(limit: limit, amount: amount)],
                calendar: TenantCalendar(zone: .utc), decisionID: decision ?? "d_\(number)"))
    }

    /// Asks a ledger for amounts in one batch, and says how many were given.
    func consume(_ amounts: [Int64], from ledger: LedgerPostgres) async throws -> Int {
        try await ledger.commit(amounts.map { command($0) })
            .count { answer in
                if case .admitted(.decided(let outcome, _)) = answer { return outcome.isAdmitted }
                return false
            }
    }

    /// What the database itself has posted of the tenant's tokens, and how many events.
    func posted() async throws -> (units: Int, events: Int) {
        let text = try await server.psql(
            """
            SELECT (SELECT sum(posted) FROM \(schema).accounts),
                (SELECT count(*) FROM \(schema).events)
            """)
        let numbers = text.split { !$0.isNumber }.compactMap { Int($0) }
        return (numbers.first ?? 0, numbers.last ?? 0)
    }

    func close() async {
        for ledger in ledgers { await ledger.close() }
    }
}
