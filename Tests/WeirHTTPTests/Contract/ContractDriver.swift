import QuotaLedger
import StrictJSON
import Synchronization
import Testing

/// Walks through chapters, holds every answer to the document, and notes which were given.
struct ContractDriver {
    /// An answer that the document describes.
    struct Answer: Hashable, Comparable, CustomStringConvertible {
        let operation: String
        /// `200`, or `4XX`.
        let entry: String

        var description: String { "\(operation) \(entry)" }

        static func < (left: Answer, right: Answer) -> Bool {
            (left.operation, left.entry) < (right.operation, right.entry)
        }
    }

    let document: OpenAPIDocument
    /// The answers that were given.
    private(set) var given: Set<Answer> = []

    init(document: OpenAPIDocument) {
        self.document = document
    }

    /// Takes all steps of a chapter on a new server.
    mutating func run(_ chapter: ContractChapter) async throws {
        let server = try await TestServer()
        var kept: [String: String] = [:]
        for step in chapter.steps {
            switch step {
            case .send(let request):
                let reply = try await send(request, to: server, kept)
                try check(reply, request, chapter, &kept)
            case .during(let first, let second):
                let held = kept
                let inner = Mutex<Result<Reply, any Error>?>(nil)
                server.ledger.beforeCommit { [self] _ throws(LedgerError) in
                    server.ledger.beforeCommit(nil)
                    do {
                        let reply = try await send(second, to: server, held)
                        inner.withLock { $0 = .success(reply) }
                    } catch {
                        inner.withLock { $0 = .failure(error) }
                    }
                }
                let reply = try await send(first, to: server, kept)
                try check(reply, first, chapter, &kept)
                let result = try #require(inner.withLock { $0 }, "\(first.path) wrote nothing")
                try check(try result.get(), second, chapter, &kept)
            case .happening(let happening): try await happening(server)
            }
        }
    }

    /// Holds an answer to the document.
    mutating func check(
        _ reply: Reply,
        _ operation: OpenAPIOperation,
        expecting status: Int,
        _ comment: String
    ) {
        #expect(reply.status == status, "\(comment): \(reply.text)")
        let violations = document.violations(reply, of: operation)
        #expect(violations.isEmpty, "\(comment): \(violations.joined(separator: "\n"))")
        if let entry = operation.entry(for: reply.status) {
            given.insert(Answer(operation: operation.id, entry: entry))
        }
    }

    private mutating func check(
        _ reply: Reply,
        _ request: ContractRequest,
        _ chapter: ContractChapter,
        _ kept: inout [String: String]
    ) throws {
        let operation = try document.operation(request.method, request.path)
        let comment = "\(chapter.name): \(request.method) \(request.path)"
        check(reply, operation, expecting: request.status, comment)
        if request.status < 400, let body = request.body, let schema = operation.body {
            let violations = document.schema.violations(of: body, by: schema)
            #expect(violations.isEmpty, "\(comment), its body: \(violations)")
        }
        for (name, path) in request.keeps {
            kept[name] = try #require(reply.text(at: path), "\(comment) has no \(path)")
        }
    }

    private func send(
        _ request: ContractRequest,
        to server: TestServer,
        _ kept: [String: String]
    ) async throws -> Reply {
        let credential =
            request.credential.map { kept[$0] ?? $0 } ?? TestServer.adminToken
        let body = request.body.map {
            Self.fill(String(decoding: $0.encodedBytes, as: UTF8.self), kept)
        }
        return try await server.bearer(credential)
            .send(
                request.method, Self.fill(request.path, kept), bytes: body.map { Array($0.utf8) },
                headers: request.headers.mapValues { Self.fill($0, kept) })
    }

    /// Puts what was kept in the place of its name.
    private static func fill(_ text: String, _ kept: [String: String]) -> String {
        kept.reduce(text) { $0.replacing("{\($1.key)}", with: $1.value) }
    }
}

extension Reply {
    /// The text at a path of names and places.
    fileprivate func text(at path: [JSONStep]) -> String? {
        path.reduce(Optional(json)) { value, step in
            switch step {
            case .name(let name): value?[name]
            case .place(let place):
                value?.arrayValue.flatMap { $0.indices.contains(place) ? $0[place] : nil }
            }
        }?
        .stringValue
    }
}
