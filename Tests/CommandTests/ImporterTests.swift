import Foundation
import StrictJSON
import Synchronization
import Testing
import WeirClient

@testable import WeirCommand

/// The driver of imports, against replies that go wrong.
struct ImporterTests {
    /// Stands in for the server: what it was sent, and the replies it gives first.
    private final class Stage: Sendable {
        let bodies = Mutex<[[UInt8]]>([])
        let replies: Mutex<[APIReply]>
        let underWay = Mutex((now: 0, most: 0))

        init(_ replies: [APIReply] = []) {
            self.replies = Mutex(replies)
        }

        var transport: ImportTransport {
            var transport = ImportTransport.none
            transport.url = "http://h:1"
            transport.post = { batch, body in
                self.underWay.withLock { state in
                    state.now += 1
                    state.most = max(state.most, state.now)
                }
                await Task.yield()
                defer { self.underWay.withLock { $0.now -= 1 } }
                self.bodies.withLock { $0.append(body) }
                let scripted = self.replies.withLock { $0.isEmpty ? nil : $0.removeFirst() }
                if let scripted { return scripted }
                return await ImportTransport.none.post(batch, body)
            }
            return transport
        }

        /// The number of items of each request.
        var counts: [Int] {
            bodies.withLock { bodies in
                bodies.map { body in
                    (try? JSONValue(parsing: body))?["items"]?.arrayValue?.count ?? -1
                }
            }
        }
    }

    private func answer(_ status: Int, _ text: String) -> APIReply {
        .answer(APIAnswer(status: status, body: Array(text.utf8)))
    }

    private func importer(_ stage: Stage, _ ledger: ImportLedger) -> Importer {
        Importer(
            transport: stage.transport, ledger: ledger, secrets: nil, onConflict: .skip,
            reason: nil, parallel: 3)
    }

    /// Runs `body` with the path of a file that has the text.
    private func withFile<Value>(_ text: String, _ body: (String) async throws -> Value)
        async throws -> Value
    {
        let folder = try TemporaryFolder(for: "weir-test")
        defer { folder.remove() }
        let path = folder.path + "/file"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return try await body(path)
    }

    private func tenants(_ count: Int) -> String {
        "id\n" + (0..<count).map { "t\($0)\n" }.joined()
    }

    @Test func batchesAreBoundedAndNoMoreThanAllowedAreUnderWay() async throws {
        try await withFile(tenants(45_001)) { path in
            let stage = Stage()
            let ledger = try ImportLedger(errorsPath: nil)
            try await importer(stage, ledger).run(CSVSource(.tenants), from: ImportFile(path: path))
            #expect(stage.counts.sorted() == [5_001, 10_000, 10_000, 10_000, 10_000])
            #expect(ledger.tally.created == 45_001)
            #expect(stage.underWay.withLock { $0.most } <= 3)
        }
    }

    @Test func lostAnswersAreAskedForAgain() async throws {
        try await withFile(tenants(2)) { path in
            let stage = Stage([.lost("reset"), answer(503, "{}"), answer(429, "{}")])
            let ledger = try ImportLedger(errorsPath: nil)
            try await importer(stage, ledger).run(CSVSource(.tenants), from: ImportFile(path: path))
            #expect(stage.counts == [2, 2, 2, 2])
            #expect(ledger.tally.created == 2)
            #expect(ledger.tally.failed == 0)
        }
    }

    @Test func theServerThatStaysAwayEndsIt() async throws {
        try await withFile(tenants(2)) { path in
            let stage = Stage(Array(repeating: .lost("reset"), count: 1_000))
            let ledger = try ImportLedger(errorsPath: nil)
            try await importer(stage, ledger).run(CSVSource(.tenants), from: ImportFile(path: path))
            #expect(ledger.stopReason?.contains("http://h:1") == true)
            #expect(stage.counts.count < 300)
            #expect(ledger.tally.rows == 0)
        }
    }

    @Test func anItemThatIsRefusedDoesNotTakeTheOthersWithIt() async throws {
        try await withFile(tenants(3)) { path in
            let stage = Stage([answer(422, #"{"detail":"bad id","pointer":"/items/1/id"}"#)])
            let errors = path + ".errors"
            let ledger = try ImportLedger(errorsPath: errors)
            try await importer(stage, ledger).run(CSVSource(.tenants), from: ImportFile(path: path))
            #expect(stage.counts == [3, 2])
            #expect(ledger.tally.created == 2)
            #expect(ledger.tally.failures == [.init(line: 3, detail: "bad id")])
            #expect(
                try String(contentsOfFile: errors, encoding: .utf8)
                    == "id,error\nt1,\"bad id\"\n")
        }
    }

    @Test func failuresAreToldInTheOrderOfTheFile() async throws {
        let text = "id\n" + (0..<30_000).map { $0 % 7_000 == 0 ? "\"x\"y\n" : "t\($0)\n" }.joined()
        try await withFile(text) { path in
            let stage = Stage()
            let ledger = try ImportLedger(errorsPath: path + ".errors")
            var importer = importer(stage, ledger)
            // The first request is answered last.
            let first = Mutex(true)
            let rest = Mutex(2)
            let gate = AsyncStream<Void>.makeStream()
            importer.transport.post = { batch, _ in
                let isFirst = first.withLock { first in
                    defer { first = false }
                    return first
                }
                if isFirst { for await _ in gate.stream { break } }
                let left = rest.withLock { rest in
                    rest -= 1
                    return rest
                }
                if left == 0 { gate.continuation.yield() }
                return answer(
                    200,
                    "{\"created\":\(batch.count - 1),\"skipped\":0,"
                        + "\"failed\":[{\"index\":0,\"detail\":\"no\"}]}")
            }
            let ready = importer
            try await ready.run(CSVSource(.tenants), from: ImportFile(path: path))
            let lines = ledger.tally.failures.map(\.line)
            #expect(lines.count == 8)
            #expect(lines == lines.sorted())
            let errors = try String(contentsOfFile: path + ".errors", encoding: .utf8)
                .split(separator: "\n")
            #expect(errors.prefix(3).map { $0.prefix(5) } == ["id,er", "\"x\"y,", "t1,\"n"])
            #expect(errors.count == 9)
            #expect(ledger.tally.rows == 30_000)
            #expect(ledger.tally.rowsRead == 30_000)
        }
    }

    @Test func failuresOfTheAnswerHaveTheirLine() async throws {
        try await withFile("id\n\nt0\n\"t\n1\"\nt2\n") { path in
            let stage = Stage([
                answer(
                    200,
                    #"{"created":1,"updated":0,"skipped":1,"failed":[{"index":2,"detail":"no"}]}"#)
            ])
            let ledger = try ImportLedger(errorsPath: nil)
            try await importer(stage, ledger).run(CSVSource(.tenants), from: ImportFile(path: path))
            #expect(ledger.tally.failures == [.init(line: 6, detail: "no")])
            #expect(ledger.tally.rows == 3)
        }
    }

    @Test func aWrongTokenEndsItAtOnce() async throws {
        try await withFile(tenants(25_000)) { path in
            let stage = Stage(Array(repeating: answer(401, "{}"), count: 10))
            let ledger = try ImportLedger(errorsPath: nil)
            try? await importer(stage, ledger)
                .run(CSVSource(.tenants), from: ImportFile(path: path))
            #expect(ledger.stopReason?.contains("WEIR_ADMIN_TOKEN") == true)
            #expect(ledger.tally.created == 0)
        }
    }

    @Test func newSecretsAreKeptAndALostAnswerIsNotRepeated() async throws {
        let keys = "id,tenant\nk_1,a\nk_2,a\n"
        try await withFile(keys) { path in
            let stage = Stage([
                answer(
                    200,
                    #"{"created":2,"skipped":0,"keys":[{"id":"k_1","key":"wk_1"},{"id":"k_2","key":"wk_2"}]}"#
                )
            ])
            let ledger = try ImportLedger(errorsPath: nil)
            let secretsPath = path + ".secrets"
            try Data("{\"id\":\"k_0\"}\n".utf8).write(to: URL(fileURLWithPath: secretsPath))
            var importer = importer(stage, ledger)
            importer.secrets = try SecretsFile(path: secretsPath)
            let source = CSVSource(.keys, allowsSecrets: true)
            try await importer.run(source, from: ImportFile(path: path))
            #expect(
                try String(contentsOfFile: secretsPath, encoding: .utf8)
                    == "{\"id\":\"k_0\"}\n{\"id\":\"k_1\",\"key\":\"wk_1\"}\n"
                    + "{\"id\":\"k_2\",\"key\":\"wk_2\"}\n")
            let mode = try FileManager.default.attributesOfItem(atPath: secretsPath)
            #expect(mode[.posixPermissions] as? Int == 0o600)
        }
        try await withFile(keys) { path in
            let stage = Stage([.lost("reset")])
            let ledger = try ImportLedger(errorsPath: nil)
            let source = CSVSource(.keys, allowsSecrets: true)
            try await importer(stage, ledger).run(source, from: ImportFile(path: path))
            #expect(stage.counts == [2])
            #expect(ledger.tally.failures.map(\.line) == [2, 3])
            #expect(ledger.tally.failures.first?.detail.contains("weir key rotate") == true)
        }
    }

    @Test func anInterruptWaitsForWhatIsUnderWayAndReadsNoFurther() async throws {
        try await withFile(tenants(45_000)) { path in
            let stage = Stage()
            let ledger = try ImportLedger(errorsPath: nil)
            var importer = importer(stage, ledger)
            let post = importer.transport.post
            let task = Mutex<Task<Void, any Error>?>(nil)
            importer.transport.post = { batch, body in
                task.withLock { $0?.cancel() }
                return await post(batch, body)
            }
            let ready = importer
            // The task must be known before its first request.
            let gate = AsyncStream<Void>.makeStream()
            let running = Task {
                for await _ in gate.stream { break }
                try await ready.run(CSVSource(.tenants), from: ImportFile(path: path))
            }
            task.withLock { $0 = running }
            gate.continuation.yield()
            await #expect(throws: CancellationError.self) { try await running.value }
            let sent = stage.counts.reduce(0, +)
            #expect(ledger.tally.created == sent)
            #expect(sent >= 10_000)
            #expect(sent < 45_000)
        }
    }

    @Test func aFileThatBreaksOffKeepsTheRowsBefore() async throws {
        try await withFile("id\na\nb\n\"c") { path in
            let stage = Stage()
            let ledger = try ImportLedger(errorsPath: nil)
            await #expect(
                throws: ImportFailure(line: 4, "a quote that is opened here and never closed")
            ) {
                try await importer(stage, ledger)
                    .run(
                        CSVSource(.tenants), from: ImportFile(path: path))
            }
            #expect(ledger.tally.created == 2)
        }
    }

    @Test func adviceIsNoPartOfADetail() async throws {
        let text = #"{"kind":"meter","id":"m","meter_kind":"counter"}"#
        try await withFile(text) { path in
            let ledger = try ImportLedger(errorsPath: path + ".errors")
            var importer = importer(Stage(), ledger)
            importer.transport.change = { _ throws(CommandFailure) in
                throw CommandFailure("no\nIt is about /meter.")
            }
            let source = SnapshotSource(takesUsage: false)
            try await importer.run(source, from: ImportFile(path: path))
            #expect(ledger.tally.failures == [.init(line: 1, detail: "meter m: no")])
            #expect(
                try String(contentsOfFile: path + ".errors", encoding: .utf8)
                    == text.dropLast() + ",\"error\":\"meter m: no\"}\n")
        }
    }

    @Test func theFileItselfIsKnownUnderOtherNames() async throws {
        try await withFile("id\n") { path in
            let file = try ImportFile(path: path)
            #expect(file.isSame(as: path))
            #expect(file.isSame(as: path.replacing("/file", with: "/./file")))
            #expect(!file.isSame(as: path + ".errors"))
        }
    }

    @Test func kindsOfASnapshotWaitForEachOther() async throws {
        let text = """
            {"kind":"weir_export","version":1}
            {"kind":"plan","id":"p","limits":[]}
            {"kind":"tenant","id":"a"}
            {"kind":"tenant","id":"b"}
            {"kind":"override","tenant":"a","meter":"m","window":"day","limit":1}
            {"kind":"key","id":"k","tenant":"a","credential":{"public_id":"p"}}
            """
        try await withFile(text) { path in
            let stage = Stage()
            let ledger = try ImportLedger(errorsPath: nil)
            let order = Mutex<[String]>([])
            var importer = importer(stage, ledger)
            importer.transport.change = { entry in
                order.withLock { $0.append(entry.title) }
                return .created
            }
            let post = importer.transport.post
            importer.transport.post = { batch, body in
                order.withLock { $0.append(batch.kind.rawValue) }
                return await post(batch, body)
            }
            try await importer.run(SnapshotSource(takesUsage: false), from: ImportFile(path: path))
            #expect(
                order.withLock { $0 }
                    == ["plan p", "tenants", "override m/day of tenant a", "keys"])
            #expect(ledger.tally.created == 5)
        }
    }
}
