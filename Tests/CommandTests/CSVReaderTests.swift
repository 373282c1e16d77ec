import Testing

@testable import WeirCommand

/// CSV as RFC 4180 has it.
struct CSVReaderTests {
    private struct Row: Equatable {
        var line: Int
        var fields: [String]
        var problem: String?
    }

    private func rows(_ text: String, chunk: Int = 3) throws -> [Row] {
        var reader = CSVReader()
        var rest = Array(text.utf8)[...]
        var rows: [Row] = []
        while true {
            switch try reader.advance() {
            case .row:
                let fields = (0..<reader.row.count).map { reader.row.text($0) }
                rows.append(Row(line: reader.line, fields: fields, problem: reader.problem))
            case .needsMore:
                if rest.isEmpty { reader.finish() } else { reader.feed(Array(rest.prefix(chunk))) }
                rest = rest.dropFirst(chunk)
            case .end: return rows
            }
        }
    }

    @Test(arguments: [
        ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]), ("a,b\r\n1,2", [["a", "b"], ["1", "2"]]),
        ("\u{FEFF}a\n", [["a"]]), ("a,\n,\n", [["a", ""], ["", ""]]), ("", []), ("\n\n", []),
        (#""a,b","c""d""# + "\n", [["a,b", "c\"d"]]), ("\"x\ny\",z\n", [["x\ny", "z"]]),
        ("\"x\r\ny\"\r\nz\r\n", [["x\r\ny"], ["z"]]), ("\"\",\"\"\r\n", [["", ""]]),
        ("a\rb,c\n", [["a\rb", "c"]]), ("\"a\r\"\n", [["a\r"]]), ("é,北\n", [["é", "北"]]),
        (#""""""# + ",x", [["\"", "x"]]),
    ])
    func fields(text: String, expected: [[String]]) throws {
        for chunk in [1, 2, 3, 5, 1_000] {
            #expect(try rows(text, chunk: chunk).map(\.fields) == expected, "chunks of \(chunk)")
        }
    }

    @Test func linesAreThoseOfTheFile() throws {
        let text = "a\r\n\r\n\"x\ny\nz\"\nb\n"
        #expect(try rows(text).map(\.line) == [1, 3, 6])
    }

    @Test(arguments: [
        ("a\nb\"c\nd\n", 2, "a quote inside a field"), ("a\n\"b\"c,x\nd", 2, "a closing quote"),
        ("a\n\"b\"\rc\nd\n", 2, "a closing quote"), ("a\n\"b\" ,\"\n\"\nd\n", 2, "a closing quote"),
        ("a\n\"b\"c,d\"\r\nd\n", 2, "a quote inside a field"),
    ])
    func aRowThatIsWrongDoesNotTakeTheNextWithIt(text: String, line: Int, message: String) throws {
        for chunk in [1, 3, 1_000] {
            let rows = try rows(text, chunk: chunk)
            #expect(rows.map { $0.problem == nil } == [true, false, true], "\(rows)")
            #expect(rows[1].line == line)
            #expect(rows[1].problem?.contains(message) == true)
            #expect(rows[2].fields == ["d"])
        }
    }

    @Test func aQuoteThatIsNeverClosedEndsIt() {
        for chunk in [1, 3, 1_000] {
            let failure = #expect(throws: ImportFailure.self) {
                try rows("a\n\n\"b\nc\nd", chunk: chunk)
            }
            #expect(failure?.description == "line 3: a quote that is opened here and never closed")
        }
    }

    @Test func aRowThatIsTooLongIsPassedOver() throws {
        let text = "a\n" + String(repeating: "x", count: 3 * CSVReader.maximumRowBytes)
        for (end, count) in [("\nb\n", 3), ("", 2)] {
            for chunk in [4_096, 1_000_000] {
                let rows = try rows(text + end, chunk: chunk)
                #expect(rows.count == count)
                #expect(rows[1].problem == "a row of more than 131072 bytes")
                if count == 3 { #expect(rows[2] == Row(line: 3, fields: ["b"])) }
            }
        }
        #expect(throws: ImportFailure.self) { try rows(text + "\"\n\"", chunk: 4_096) }
    }

    @Test func aQuoteThatIsNeverClosedDoesNotFillTheMemory() {
        let text = "\"" + String(repeating: "x\n", count: CSVReader.maximumRowBytes)
        let failure = #expect(throws: ImportFailure.self) { try rows(text, chunk: 4_096) }
        #expect(failure?.what.contains("more than 131072 bytes") == true)
    }

    @Test func whatIsWrittenIsReadBack() throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix64(seed: seed)
        let pieces = ["a", ",", "\"", "\n", "\r\n", "é", " ", "xyz", "\t"]
        for _ in 0..<300 {
            let width = Int.random(in: 2...4, using: &random)
            let table = (0..<Int.random(in: 1...5, using: &random))
                .map { _ in
                    (0..<width)
                        .map { _ in
                            (0..<Int.random(in: 0...5, using: &random))
                                .map { _ in pieces.randomElement(using: &random)! }.joined()
                        }
                }
            let text =
                table.map { row in
                    row.map { "\"\($0.replacing("\"", with: "\"\""))\"" }.joined(separator: ",")
                }
                .joined(separator: "\r\n")
            let chunk = Int.random(in: 1...9, using: &random)
            #expect(try rows(text, chunk: chunk).map(\.fields) == table, "seed \(seed)")
        }
    }
}
