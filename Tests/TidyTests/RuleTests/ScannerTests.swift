import Testing

@Suite("Scanner")
struct ScannerTests {
    @Test(
        "comments and strings are blanked, code is not",
        arguments: [
            ("a // b\nc", "a     \nc"),
            ("a /* b /* c */ d */ e", "a                   e"),
            (#"f("x", y)"#, #"f("_", y)"#),
            (#"f("\"", y)"#, #"f("__", y)"#),
            (#"f("a\(b("c"))d", e)"#, ##"f("__(b("_"))_", e)"##),
            ("f(\"\"\"\n a \"b\" // c\n \"\"\")", "f(\"\"\"\n___________\n_\"\"\")"),
            ("f(#\"a\"b\\(c)\"#, d)", "f(#\"_______\"#, d)"),
            ("f(#\"a\\#(b)\"#)", "f(#\"___(b)\"#)"),
            ("#if x // y", "#if x     "),
            ("\"no end\na", "\"______\na"),
            ("/* no end", "         "),
            ("\"\\", "\"_"),
        ]
    )
    func blanking(source: String, expected: String) {
        let blanked = CodeScanner.blankingCommentsAndStrings(Array(source.utf8))
        #expect(blanked.count == source.utf8.count)
        #expect(String(decoding: blanked, as: UTF8.self) == expected)
    }

    @Test("words are whole words")
    func words() {
        func count(_ word: Word, _ text: String) -> Int { word.offsets(in: Array(text.utf8)).count }
        #expect(count(Word("Date()"), "Date(); CivilDate(); Foundation.Date()") == 2)
        #expect(count(Word("note"), "note notes _note note") == 2)
        let free = Word("sleep(", isFreeFunction: true)
        #expect(count(free, "sleep(1); clock.sleep(1); usleep(1); func sleep() {}") == 1)
        #expect(count(Word("a", isFragment: true), "banana") == 3)
        #expect(count(Word("a"), "") == 0)
    }

    @Test("imports are found in all their forms")
    func imports() {
        let file = SourceFile(
            path: "Sources/A/A.swift",
            text: """
                // import Comment
                import Plain
                @testable import Tested
                public import struct Some.Part
                @preconcurrency package import Old
                let text = "import Quoted"
                let important = 1
                """
        )
        #expect(
            ImportStatement.all(in: file) == [
                ImportStatement(module: "Plain", line: 2),
                ImportStatement(module: "Tested", line: 3),
                ImportStatement(module: "Some", line: 4),
                ImportStatement(module: "Old", line: 5),
            ]
        )
    }

    @Test("findings say where")
    func descriptions() {
        #expect(Finding(path: "a.swift", line: 3, what: "x").description == "a.swift:3: x")
        #expect(Finding(path: "a.swift", what: "x").description == "a.swift: x")
    }
}
