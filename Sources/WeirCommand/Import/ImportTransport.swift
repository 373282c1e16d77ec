import QuotaModel
import WeirClient

/// What carries the requests of an import.
struct ImportTransport: Sendable {
    /// The server's address, for messages.
    var url: String
    /// Sends the body of a batch.
    var post: @Sendable (ImportBatch, [UInt8]) async -> APIReply
    /// Makes one object of a snapshot, or passes over it when it is there.
    var change: @Sendable (ManifestEntry) async throws(CommandFailure) -> Change
    /// Waits before a batch is sent again.
    var pause: @Sendable (Duration) async -> Void

    /// What became of an object.
    enum Change: Sendable {
        case created
        case updated
        case skipped
    }

    /// Sends to a server.
    static func server(
        _ session: Session, onConflict: ConflictRule, reason: String?
    ) -> ImportTransport {
        ImportTransport(
            url: session.client.url,
            post: { _, body in
                await session.client.send("POST", "/api/admin/import", json: body)
            },
            change: { entry throws(CommandFailure) in
                let calls = SnapshotCalls(entry)
                let found = try await session.found(calls.lookup)
                if let found, onConflict == .skip {
                    var diff = ManifestDiff()
                    diff.add(entry, found: found, now: .now())
                    guard diff.steps.isEmpty else { throw CommandFailure(Self.differs) }
                    return .skipped
                }
                _ = try await session.value(of: calls.change.because(reason))
                return found == nil ? .created : .updated
            },
            pause: { try? await Task.sleep(for: $0) })
    }

    private static let differs =
        "is there already and differs; --on-conflict update takes what the file has"

    /// Sends nothing: every row that was read well counts as created.
    static var none: ImportTransport {
        ImportTransport(
            url: "",
            post: { batch, _ in
                let counts = "{\"created\":\(batch.count),\"updated\":0,\"skipped\":0}"
                return .answer(APIAnswer(status: 200, body: Array(counts.utf8)))
            },
            change: { _ in .created },
            pause: { _ in })
    }
}
