/// Words that have no place in finished code.
enum WordRule {
    /// The one file that may vouch for a type the compiler cannot check; none so far.
    static let uncheckedSendableFiles = [
        "Sources/LedgerSQL/Writing/SQLWriterState.swift"
    ]

    /// Programs talk to people on standard output; libraries do not.
    static let printers = ["Sources/WeirCommand/", "Sources/weir-bench/", "Sources/weir-simulate/"]

    static let whyTraps = """
        `try!` and a bare fatalError end the server without a word to its operator. Throw, return \
        a value, or say in a precondition's message which invariant broke.
        """

    static let whyUnchecked = """
        `@unchecked Sendable` turns the compiler's check for data races off. Use Mutex, Atomic or \
        an actor. One file may be the exception: WordRule.uncheckedSendableFiles.
        """

    static let whyPrint = """
        A library that prints mixes its output into that of the program around it. Return the \
        text, or log it at the edge.
        """

    static let whyNotes = """
        A note to do something later is read by nobody. Do it now, or open an issue.
        """

    static func traps(in file: SourceFile) -> [Finding] {
        guard file.isSwift else { return [] }
        return [Word("try!"), Word(#"fatalError("")"#), Word("fatalError()")]
            .flatMap { file.findings(of: $0) }
    }

    static func unchecked(in file: SourceFile) -> [Finding] {
        guard file.isSwift, !uncheckedSendableFiles.contains(file.path) else { return [] }
        return file.findings(of: Word("@unchecked"))
    }

    static func prints(in file: SourceFile) -> [Finding] {
        guard file.isSwift, file.isInSources, !file.hasPrefix(in: printers) else { return [] }
        let words = [
            Word("print(", isFreeFunction: true), Word("debugPrint(", isFreeFunction: true),
            Word("dump(", isFreeFunction: true), Word("Swift.print("),
        ]
        return words.flatMap { file.findings(of: $0) }
    }

    static func notes(in file: SourceFile) -> [Finding] {
        // In two parts each, or this file would find itself.
        let words = [Word("TO" + "DO"), Word("FIX" + "ME"), Word("X" + "XX")]
        return words.flatMap { file.findingsAnywhere(of: $0) }
    }
}
