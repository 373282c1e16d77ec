import Foundation
import QuotaModel
import Testing

@testable import WeirCommand

struct TraceTests {
    @Test func readsLinesEndingInLineFeedAndCarriageReturn() throws {
        let lines = [Trace.header, "2023-11-16 18:15:46.6805900,374,44", "2023-11-16 18:15:50,0,0"]
        let expected = [
            TraceRow(
                timestamp: Timestamp("2023-11-16T18:15:46.680590Z")!, promptTokens: 374,
                generatedTokens: 44),
            TraceRow(
                timestamp: Timestamp("2023-11-16T18:15:50Z")!, promptTokens: 0,
                generatedTokens: 0),
        ]
        for text in [
            lines.joined(separator: "\n"), lines.joined(separator: "\r\n"),
            lines.joined(separator: "\r\n") + "\r\n\r\n",
            "\u{FEFF}" + lines.joined(separator: "\n"),
        ] {
            #expect(try Trace(csv: Array(text.utf8), name: "t.csv").rows == expected)
        }
    }

    @Test func stopsAtTheLimit() throws {
        let text = "\(Trace.header)\n2023-11-16 18:15:46,1,1\nnot read\n"
        #expect(try Trace(csv: Array(text.utf8), name: "t.csv", limit: 1).rows.count == 1)
    }

    @Test(arguments: [
        ("", "t.csv:1: the file is empty; expected \(Trace.header)"),
        ("\n\n", "t.csv:1: the file is empty; expected \(Trace.header)"),
        ("a,b,c\n", "t.csv:1: expected the header \(Trace.header)"),
        ("\(Trace.header)\n", "t.csv:2: no rows after the header"),
        ("\(Trace.header)\n2023-11-16 18:15:46,1\n", "t.csv:2: expected 3 fields, found 2"),
        (
            "\(Trace.header)\n\n2023-13-16 18:15:46,1,1\n",
            "t.csv:3: TIMESTAMP is \"2023-13-16 18:15:46\","
                + " expected one like 2023-11-16 18:15:46.6805900"
        ),
        (
            "\(Trace.header)\n2023-11-16 18:15:46,-1,1\n",
            "t.csv:2: ContextTokens is \"-1\", expected an integer from 0 to 4503599627370495"
        ),
        (
            "\(Trace.header)\n2023-11-16 18:15:46,1,4503599627370496\n",
            "t.csv:2: GeneratedTokens is \"4503599627370496\","
                + " expected an integer from 0 to 4503599627370495"
        ),
        (
            "\(Trace.header)\n2023-11-16 18:15:46,\u{1B}[31m,1\n",
            "t.csv:2: ContextTokens is \"?[31m\", expected an integer from 0 to 4503599627370495"
        ),
    ])
    func saysWhatIsWrongAndWhere(text: String, message: String) {
        let error = #expect(throws: TraceError.self) {
            try Trace(csv: Array(text.utf8), name: "t.csv")
        }
        #expect(error?.description == message)
    }

    @Test func readsTheSample() throws {
        let rows = try Sample.trace().rows
        #expect(rows.count == 600)
        #expect(rows.reduce(0) { $0 + $1.promptTokens } == Sample.promptTokens)
        #expect(rows.reduce(0) { $0 + $1.generatedTokens } == Sample.generatedTokens)
    }
}
