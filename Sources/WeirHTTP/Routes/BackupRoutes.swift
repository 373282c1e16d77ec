import HTTPTypes
import Hummingbird
import Logging
import QuotaLedger
import QuotaNode

/// `/api/admin/backup`: a copy of the whole ledger.
struct BackupRoutes: Sendable {
    static let mediaType = "application/vnd.sqlite3"

    let routes: APIRoutes
    /// What makes the copy; nil where the ledger lies in memory only.
    let source: (any BackupSource)?

    func add(to router: RouteCollector) {
        routes.addAdmin(.get, "/api/admin/backup", to: router, backup)
    }

    private func backup(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        try request.query().finish()
        guard let source else {
            throw Problem(
                .serviceUnavailable,
                "this ledger is not in the data folder: copy it with its database's own tools, "
                    + "such as pg_dump")
        }
        // Whoever asks for the head alone is not worth a copy.
        if request.head.method == .head {
            return APIAnswer(.ok, headers: [.contentType: Self.mediaType])
        }
        // What was decided has to be in the copy, and little of it out with the node.
        try await routes.asking { () async throws(NodeError) in try await routes.node.recall() }
        let backup: LedgerBackup
        do {
            backup = try await source.backup()
        } catch {
            throw Self.problem(error)
        }
        routes.logger.info(
            "backup",
            metadata: ["size_bytes": "\(backup.sizeBytes)", "batch": "\(backup.head.batch)"])
        var answer = APIAnswer(.ok, headers: [.contentType: Self.mediaType])
        answer.headers[.contentDisposition] = "attachment; filename=\"weir-backup.sqlite\""
        answer.headers[.cacheControl] = "no-store"
        let head = backup.head
        answer.headers[.weirHead] = "\(head.batch) \(head.hash.hexadecimal)"
        answer.headers[.weirAuditHead] = "\(head.audit) \(head.auditHash.hexadecimal)"
        answer.stream = BodyStream(sizeBytes: backup.sizeBytes, read: backup.read)
        return answer
    }

    private static func problem(_ error: LedgerError) -> Problem {
        switch error.code {
        case .backupRunning:
            return Problem(
                .conflict, "another backup is being made or read; ask again when it is done")
        case .diskFull:
            return Problem(
                HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage"),
                error.message)
        default:
            var problem = Problem(.serviceUnavailable, error.message)
            problem.type = ProblemType.reducedCapacity
            problem.retryAfterSeconds = 60
            return problem
        }
    }
}

extension HTTPField.Name {
    static let weirHead = Self("X-Weir-Head")!
    static let weirAuditHead = Self("X-Weir-Audit-Head")!
}
