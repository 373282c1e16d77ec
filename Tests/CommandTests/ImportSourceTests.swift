import StrictJSON
import Testing

@testable import WeirCommand

/// Files of tenants, keys and daily use.
struct ImportSourceTests {
    private func csv(
        _ layout: CSVLayout, _ text: String, allowsSecrets: Bool = false
    ) throws -> SourceOutcome {
        try read(CSVSource(layout, allowsSecrets: allowsSecrets), Array(text.utf8))
    }

    @Test func tenantsByTheNamesOfTheColumns() throws {
        let outcome = try read(CSVSource(.tenants), fixture("tenants.csv"))
        #expect(
            outcome.items == [
                #"{"name":"Acme, Ltd","id":"acme","plan":"starter","time_zone":"Africa/Lagos"}"#,
                #"{"name":"Globex \"G\"\u000aInc","id":"globex"}"#, #"{"id":"zürich"}"#,
            ])
        #expect(outcome.lines == [2, 3, 5])
        #expect(
            outcome.failures == [
                .init(line: 6, detail: #""id" is empty"#),
                .init(line: 7, detail: "2 fields where the header has 4"),
            ])
        #expect(
            try outcome.items.map { try json($0)["id"]?.stringValue } == [
                "acme", "globex", "zürich",
            ])
    }

    @Test(arguments: [
        ("id,plann\n", #"unknown column "plann"; did you mean "plan"?"#),
        ("name\n", #"the column "id" is missing"#), ("id,id\n", #""id" stands here twice"#),
        ("", "the file is empty"),
    ])
    func headersThatAreWrong(text: String, message: String) {
        let failure = #expect(throws: ImportFailure.self) { try csv(.tenants, text) }
        #expect(failure?.description.contains("line 1: ") == true)
        #expect(failure?.what.contains(message) == true)
    }

    @Test func bytesThatAreNoTextFailTheirRow() throws {
        let outcome = try read(CSVSource(.tenants), Array("id\na".utf8) + [0xFF, 0x0A, 0x62, 0x0A])
        #expect(outcome.items == [#"{"id":"b"}"#])
        #expect(outcome.failures == [.init(line: 2, detail: #""id" is not UTF-8"#)])
    }

    @Test func keysWithAndWithoutTheirCredential() throws {
        let text = """
            id,tenant,test,limits,expires_at,public_id,digest,pepper_version
            k_1,acme,true,api_calls/day=100; ai_tokens/month=unlimited,2027-01-01 00:00:00,p1,ab,1
            k_2,acme,,,,,,
            k_3,acme,maybe,,,,,
            k_4,acme,,api_calls=5,,,,

            """
        let outcome = try csv(.keys, text, allowsSecrets: true)
        #expect(
            outcome.items == [
                #"{"id":"k_1","tenant":"acme","test":true,"limits":[{"meter":"api_calls","#
                    + #""window":"day","limit":100},{"meter":"ai_tokens","window":"month","#
                    + #""limit":null}],"expires_at":"2027-01-01T00:00:00Z","#
                    + #""credential":{"public_id":"p1","digest":"ab","pepper_version":1}}"#,
                #"{"id":"k_2","tenant":"acme"}"#,
            ])
        #expect(outcome.failures.map(\.line) == [4, 5])
        let strict = try csv(.keys, text)
        #expect(strict.items.count == 1)
        #expect(strict.failures.first == .init(line: 3, detail: SecretsFile.missing))
    }

    @Test func dailyUse() throws {
        let outcome = try read(
            CSVSource(.daily(meter: "api_calls", source: "im\"port")), fixture("daily.csv"))
        let end = #""meter":"api_calls","source":"im\"port"}"#
        #expect(
            outcome.items == [
                #"{"key":"k_1","date":"2026-04-09","units":150,"#
                    + #""last_request_at":"2026-04-09T12:30:00Z","# + end,
                #"{"key":"k_2","date":"2026-04-09","units":9007199254740991,"#
                    + #""last_request_at":"2026-04-09T12:30:00.5+00:00","tenant":"acme","# + end,
            ])
        #expect(outcome.passed == [.zero: 1])
        #expect(outcome.failures.map(\.line) == [5, 6, 7])
    }

    @Test(arguments: [
        ("2026-04-09 12:30:00", "2026-04-09T12:30:00Z"),
        ("2026-04-09T12:30:00Z", "2026-04-09T12:30:00Z"),
        ("2026-04-09 12:30:00+01", "2026-04-09T12:30:00+01:00"),
        ("2026-04-09 12:30:00-05:30", "2026-04-09T12:30:00-05:30"), ("2026-04-09", "2026-04-09"),
    ])
    func timesAsDatabasesPrintThem(text: String, time: String) {
        var bytes: [UInt8] = []
        _ = Array(text.utf8).withUnsafeBufferPointer { JSONBytes.appendTime($0, to: &bytes) }
        #expect(String(decoding: bytes, as: UTF8.self) == "\"\(time)\"")
    }

    @Test func linesOfJSON() throws {
        let text = """
            {"id":"acme","plan":"free"}

            {"id":"b","plann":"free"}
            {"id":"c"
            ["d"]
            {"plan":"free"}
            {"id":"e","created_at":"2026-01-01T00:00:00Z"}
            """
        let outcome = try read(JSONLinesSource(.tenants), Array(text.utf8))
        #expect(
            outcome.items == [
                #"{"id":"acme","plan":"free"}"#,
                #"{"id":"e","created_at":"2026-01-01T00:00:00Z"}"#,
            ])
        #expect(outcome.lines == [1, 7])
        #expect(outcome.failures.map(\.line) == [3, 4, 5, 6])
        #expect(outcome.failures.first?.detail.contains(#"did you mean "plan"?"#) == true)
    }

    @Test func aKeyOnALineOfJSONNeedsACredentialOrAPlaceForItsSecret() throws {
        let text = #"{"id":"k","tenant":"a"}"#
        #expect(try read(JSONLinesSource(.keys), Array(text.utf8)).failures.count == 1)
        let allowed = JSONLinesSource(.keys, allowsSecrets: true)
        #expect(try read(allowed, Array(text.utf8)).items == [text])
    }

    @Test func failedRowsOfCSVAreImportedAgainOnceTheyAreMended() throws {
        let text = """
            id,"plan",name
            a,free,A
            b,free
            "c"x,bad,C
            d,"pro
            fessional",D

            """
        let failed = try failedRows(CSVSource(.tenants), Array(text.utf8))
        #expect(
            failed == """
                id,plan,name,error
                b,free,"2 fields where the header has 3"
                "c"x,bad,C,"something between a closing quote and the next comma"

                """)
        let mended = failed.replacing("b,free,", with: "b,free,\u{FF}B\n2\u{FF},")
            .replacing("\u{FF}", with: "\"").replacing("\"c\"x", with: "\"c\"\"x\"")
        let again = try read(CSVSource(.tenants), Array(mended.utf8))
        #expect(again.failures.isEmpty)
        #expect(
            again.items == [
                #"{"id":"b","plan":"free","name":"B\u000a2"}"#,
                #"{"id":"c\"x","plan":"bad","name":"C"}"#,
            ])
        // What was wrong before makes way for what is wrong now.
        let twice = try failedRows(CSVSource(.tenants), Array("id,error,plan\n,\"x,y\",p\n".utf8))
        #expect(twice == "id,plan,error\n,p,\"\"\"id\"\" is empty\"\n")
    }

    @Test func failedLinesOfJSONAreImportedAgainOnceTheyAreMended() throws {
        let text = "{\"id\":\"a\",\"x\":1.50}\n{\"id\"\n"
        let failed = try failedRows(JSONLinesSource(.tenants), Array(text.utf8))
        let lines = failed.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines[0].hasPrefix(#"{"id":"a","x":1.50,"error":"unknown member "#))
        #expect(lines[1] == "{\"id\"")
        let mended = failed.replacing("\"x\":1.50", with: "\"plan\":\"p\"")
        let again = try read(JSONLinesSource(.tenants), Array(mended.utf8))
        #expect(again.items == [#"{"id":"a","plan":"p"}"#])
    }

    @Test func aLineThatIsTooLongDoesNotTakeTheNextWithIt() throws {
        let text = String(repeating: "x", count: 300_000)
        for (end, items) in [("\n{\"id\":\"b\"}", 1), ("", 0)] {
            let outcome = try read(
                JSONLinesSource(.tenants), Array((text + end).utf8), chunk: 4_096)
            #expect(
                outcome.failures == [.init(line: 1, detail: "a line of more than 131072 bytes")])
            #expect(outcome.items.count == items)
        }
    }

    @Test func aSnapshotIsNoTable() {
        for text in [#"{"kind":"weir_export","version":1}"#, #"{"kind":"tenant","id":"a"}"#] {
            let failure = #expect(throws: ImportFailure.self) {
                try read(JSONLinesSource(.tenants), Array(text.utf8))
            }
            #expect(failure?.what.contains("weir import snapshot") == true)
        }
    }

    @Test(arguments: [
        ("id\na\n", false), ("\u{FEFF}id\na\n", false), (" \n{\"id\":\"a\"}", false),
        ("\u{FEFF}{\"id\":\"a\"}\n", false), ("\n{\"id\":\"a\"}", true),
    ])
    func theFirstByteSaysWhichFormItIs(text: String, isJSONLines: Bool) throws {
        for chunk in [1, 2, 100] {
            let source = TableSource(.tenants, isJSONLines: isJSONLines)
            let outcome = try read(source, Array(text.utf8), chunk: chunk)
            #expect(outcome.items == [#"{"id":"a"}"#])
        }
        #expect(throws: ImportFailure.self) { try read(TableSource(.tenants), []) }
    }

    @Test func utf16IsFoundOut() {
        #expect(ImportFile.isUTF16([0xFF, 0xFE, 0x69, 0]))
        #expect(ImportFile.isUTF16([0xFE, 0xFF]))
        #expect(ImportFile.isUTF16([0x69, 0, 0x64, 0]))
        #expect(!ImportFile.isUTF16([0xEF, 0xBB, 0xBF, 0x69]))
        #expect(!ImportFile.isUTF16([]))
    }
}
