import StrictJSON
import Testing
import WeirClient

@testable import WeirCommand

/// Batches, and what is done with the replies to them.
struct ImportBatchTests {
    private func batch(_ ids: [String], makesSecret: Bool = false) -> ImportBatch {
        var batch = ImportBatch(makesSecret ? .keys : .tenants)
        for (index, id) in ids.enumerated() {
            batch.add(
                Array("{\"id\":\"\(id)\"}".utf8), line: index + 2, makesSecret: makesSecret)
        }
        return batch
    }

    private func body(_ batch: ImportBatch, reason: String? = nil) -> String {
        String(decoding: batch.body(onConflict: .skip, reason: reason), as: UTF8.self)
    }

    @Test func bodies() {
        #expect(
            body(batch(["a", "b"]), reason: "it's \"new\"")
                == #"{"kind":"tenants","on_conflict":"skip","reason":"it's \"new\"","#
                + #""items":[{"id":"a"},{"id":"b"}]}"#)
        var usage = ImportBatch(.usage)
        usage.add(Array("{}".utf8), line: 1, makesSecret: false)
        #expect(body(usage) == #"{"kind":"usage","items":[{}]}"#)
    }

    @Test func anItemIsTakenOut() {
        let all = batch(["a", "b", "c"])
        #expect(body(all.removing(0)).hasSuffix(#"[{"id":"b"},{"id":"c"}]}"#))
        #expect(body(all.removing(1)).hasSuffix(#"[{"id":"a"},{"id":"c"}]}"#))
        #expect(body(all.removing(2)).hasSuffix(#"[{"id":"a"},{"id":"b"}]}"#))
        #expect(all.removing(1).lines == [2, 4])
    }

    @Test func bounds() {
        var many = ImportBatch(.tenants)
        while !many.isFull { many.add(Array("{}".utf8), line: 1, makesSecret: false) }
        #expect(many.count == 10_000)
        var large = ImportBatch(.tenants)
        let item = [UInt8](repeating: 0x20, count: 6 * CSVReader.maximumRowBytes)
        while !large.isFull { large.add(item, line: 1, makesSecret: false) }
        #expect(large.body(onConflict: .update, reason: nil).count < 4 * 1_024 * 1_024)
        var secrets = ImportBatch(.keys)
        while !secrets.isFull { secrets.add(Array("{}".utf8), line: 1, makesSecret: true) }
        #expect(secrets.count == ImportBatch.maximumSecretItems)
    }

    private func verdict(_ status: Int, _ text: String, secrets: Bool = false) -> ImportVerdict {
        let answer = APIAnswer(status: status, body: Array(text.utf8))
        return ImportVerdict(
            .answer(answer), to: batch(["a", "b"], makesSecret: secrets), url: "http://h:1")
    }

    @Test func verdicts() throws {
        let text =
            #"{"created":1,"updated":2,"skipped":3,"failed":[{"index":1,"detail":"no"}],"#
            + #""keys":[{"id":"k","key":"wk"}]}"#
        guard case .done(let answer) = verdict(200, text) else {
            Issue.record("not done")
            return
        }
        #expect([answer.created, answer.updated, answer.skipped] == [1, 2, 3])
        #expect(answer.failed.map(\.index) == [1])
        #expect(answer.keys == [["id": "k", "key": "wk"]])
        #expect(
            verdict(422, #"{"detail":"bad","pointer":"/items/1/plan"}"#)
                == .refuses(index: 1, detail: "bad"))
        let stops: [(Int, String)] = [
            (200, "[]"), (401, "{}"), (413, "{}"), (422, "{}"), (400, "{}"),
            (422, #"{"pointer":"/items/2"}"#), (422, #"{"pointer":"/reason"}"#),
        ]
        for (status, text) in stops {
            guard case .stop = verdict(status, text) else {
                Issue.record("\(status) \(text) goes on")
                continue
            }
        }
        for status in [429, 503, 500] {
            guard case .again = verdict(status, "{}") else {
                Issue.record("\(status) is not tried again")
                continue
            }
        }
    }

    @Test func aLostAnswerIsAskedForAgainUnlessItHasSecrets() {
        func lost(_ secrets: Bool) -> ImportVerdict {
            ImportVerdict(
                .lost("remoteConnectionClosed"), to: batch(["a"], makesSecret: secrets),
                url: "http://h:1")
        }
        guard case .again = lost(false) else {
            Issue.record("not again")
            return
        }
        guard case .unknown = lost(true) else {
            Issue.record("not unknown")
            return
        }
        let late = ImportVerdict(
            .lost("HTTPClientError.deadlineExceeded"), to: batch(["a"]), url: "http://h:1")
        guard case .stop = late else {
            Issue.record("a late answer is asked for again")
            return
        }
        guard case .unknown = verdict(500, "{}", secrets: true) else {
            Issue.record("not unknown")
            return
        }
    }

    @Test func theSummary() {
        var tally = ImportTally()
        tally.created = 3
        tally.pass(.notANumber)
        for line in 1...25 { tally.fail(.init(line: line, detail: "x\u{1B}")) }
        #expect(tally.rows == 29)
        let text = tally.failureText ?? ""
        #expect(text.hasPrefix("line 1: x\\u{1b}\nline 2: "))
        #expect(text.hasSuffix("line 20: x\\u{1b}\n… and 5 more"))
        #expect(tally.text.contains("passed over 1 values that are no number, such as EXCEEDED"))
        #expect(
            String(decoding: tally.json, as: UTF8.self)
                .hasPrefix(
                    #"{"created":3,"updated":0,"skipped":0,"failed":25,"passed":{"notANumber":1},"#)
        )
    }

    @Test func progress() {
        let half = ImportProgress(
            rows: 1_000, rowsRead: 1_600, bytesRead: 80, totalBytes: 100, elapsed: .seconds(2))
        #expect(
            half.bar
                == "[###############---------------]  50 %  1000 rows  500 rows/s  2 s left")
        let unanswered = ImportProgress(
            rows: 0, rowsRead: 40_000, bytesRead: 54, totalBytes: 100, elapsed: .seconds(1))
        #expect(unanswered.text == "  0 %  0 rows  0 rows/s")
        let end = ImportProgress(
            rows: 9, rowsRead: 9, bytesRead: 100, totalBytes: 100, elapsed: .seconds(3))
        #expect(end.text == "100 %  9 rows  3 rows/s")
        let pipe = ImportProgress(
            rows: 10, rowsRead: 10, bytesRead: 50, totalBytes: nil, elapsed: .seconds(1))
        #expect(pipe.text == "10 rows  10 rows/s")
        let empty = ImportProgress(
            rows: 1, rowsRead: 1, bytesRead: 0, totalBytes: 0, elapsed: .zero)
        #expect(empty.percent == 0)
    }
}
