import Testing

@testable import WeirCommand

/// Dumps of `quota:hash:DATE:SHARD`.
struct QuotaHashSourceTests {
    private func source(prefix: String = "quota:hash:") -> QuotaHashSource {
        QuotaHashSource(prefix: prefix, meter: "api_calls", source: "import")
    }

    private func item(
        _ tenant: String, _ date: String, _ units: Int, source: String = "import"
    ) -> String {
        "{\"tenant\":\"\(tenant)\",\"date\":\"\(date)\",\"units\":\(units),"
            + "\"meter\":\"api_calls\",\"source\":\"\(source)\"}"
    }

    @Test(arguments: [
        "quota-hash-lines.txt", "quota-hash.csv", "quota-hash-terminal.txt",
        "quota-hash-pipe.txt", "quota-hash-redis-csv.txt",
    ])
    func allFormsSayTheSame(file: String) throws {
        for chunk in [1, 7, 100_000] {
            let outcome = try read(source(), fixture(file), chunk: chunk)
            #expect(
                outcome.items == [
                    item("tenant123", "2026-04-09", 150, source: "import:0042"),
                    item("tenant456", "2026-04-09", 75, source: "import:0042"),
                    item("tenant9", "2026-04-10", 1),
                ])
            #expect(outcome.passed == [.notANumber: 1])
            #expect(outcome.failures.isEmpty, "\(outcome.failures)")
        }
    }

    @Test func fieldsMayHaveSpacesQuotesAndEscapes() throws {
        let text = #"""
            quota:hash:2026-04-09
            1) "my \"tenant\""
            2) "5"
            3) "z\xc3\xbcrich\n"
            4) "6"
            5) "bad\xff"
            6) "7"
            """#
        let outcome = try read(source(), Array(text.utf8))
        #expect(
            outcome.items == [
                item(#"my \"tenant\""#, "2026-04-09", 5), item(#"zürich\u000a"#, "2026-04-09", 6),
            ])
        #expect(outcome.failures == [.init(line: 7, detail: "the field is not UTF-8")])
    }

    @Test func whatIsWrongIsSaid() throws {
        let outcome = try read(
            source(),
            Array("quota:hash:2026-02-30:1 a 5\nquota:hash:2026-04-09 b -5\n".utf8))
        #expect(outcome.failures.map(\.line) == [1, 2])
        let text = "tenant123\nquota:hash:2026-04-09 a\nquota:hash:2026-04-09 b 5\n"
        let rest = try read(source(), Array(text.utf8))
        #expect(rest.failures.map(\.line) == [1, 2])
        #expect(rest.failures.allSatisfy { $0.detail.contains("quota:hash:2026-04-09:0042") })
        #expect(rest.items == [item("b", "2026-04-09", 5)])
        let torn = try read(source(), Array("quota:hash:2026-04-09\na\n".utf8))
        #expect(torn.failures.map(\.detail) == ["the file ends after a field, before its value"])
    }

    @Test func whatBeginsLikeANumberIsOneOrWrong() throws {
        for value in ["1.5", "-1", "+5", ".5", "12a", "9007199254740992", "-0.1", "1e3"] {
            let outcome = try read(source(), Array("quota:hash:2026-04-09 a \(value)\n".utf8))
            #expect(outcome.failures.map(\.line) == [1], "\(value)")
        }
        for value in ["EXCEEDED", "-", "nil"] {
            let outcome = try read(source(), Array("quota:hash:2026-04-09 a \(value)\n".utf8))
            #expect(outcome.passed == [.notANumber: 1], "\(value)")
            #expect(outcome.failures.isEmpty)
        }
    }

    @Test func emptyHashesPromptsAndZeros() throws {
        let text = """
            127.0.0.1:6379> HGETALL quota:hash:2026-04-09:0001
            (empty array)
            # quota:hash:2026-04-09:0002

            quota:hash:2026-04-09:0003
            a
            0
            """
        let outcome = try read(source(), Array(text.utf8))
        #expect(outcome.items.isEmpty)
        #expect(outcome.passed == [.zero: 1])
        #expect(outcome.failures.isEmpty)
    }

    @Test func anotherPrefix() throws {
        let outcome = try read(source(prefix: "q:"), Array("q:2026-04-09:1\ta\t 5 \n".utf8))
        #expect(outcome.items == [item("a", "2026-04-09", 5, source: "import:1")])
    }

    @Test func whatFailedIsImportedAgainOnceItIsMended() throws {
        let text = "quota:hash:2026-04-09:7\na,b\n-5\n"
        let failed = try failedRows(source(), Array(text.utf8))
        #expect(
            failed == "quota:hash:2026-04-09:7,\"a,b\",-5,"
                + "\"the value must be an integer from 0 to 9007199254740991\"\n")
        let mended = try read(source(), Array(failed.replacing("-5", with: "5").utf8))
        #expect(mended.items == [item("a,b", "2026-04-09", 5, source: "import:7")])
    }
}
