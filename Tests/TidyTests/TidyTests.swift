import Testing

/// Reads this repository and explains what it refuses.
///
/// Each rule lives in a file of `Rules`, with its reason, the way out and its list of exceptions;
/// `RuleTests` shows that each of them can fail.
@Suite("Tidy")
struct TidyTests {
    private let repository = Repository.shared

    @Test("the repository was found and read")
    func repositoryIsRead() {
        #expect(repository.exists("Package.swift"))
        #expect(repository.files.contains { $0.path == "Tests/TidyTests/TidyTests.swift" })
        #expect(repository.files.contains { $0.isInSources })
    }

    @Test("only the edge reads clocks, and no test sleeps")
    func clocks() {
        expectNone(repository.files.flatMap(ClockRule.findings), ClockRule.why)
    }

    @Test("nothing traps without a word")
    func traps() {
        expectNone(repository.files.flatMap(WordRule.traps), WordRule.whyTraps)
    }

    @Test("data races are left to the compiler")
    func unchecked() {
        expectNone(repository.files.flatMap(WordRule.unchecked), WordRule.whyUnchecked)
    }

    @Test("libraries do not print")
    func prints() {
        expectNone(repository.files.flatMap(WordRule.prints), WordRule.whyPrint)
    }

    @Test("no notes to do something later")
    func notes() {
        expectNone(repository.files.flatMap(WordRule.notes), WordRule.whyNotes)
    }

    @Test("the core does without Foundation")
    func foundation() {
        expectNone(FoundationRule.findings(in: repository.files), FoundationRule.why)
    }

    @Test("imports point down")
    func layers() {
        expectNone(repository.files.flatMap(LayerRule.findings), LayerRule.why)
    }

    @Test("files and lines are not too long")
    func lengths() {
        expectNone(repository.files.flatMap(LayoutRule.lengths), LayoutRule.whyLength)
    }

    @Test("no tabs, no blanks at the end of a line, a newline at the end of a file")
    func blanks() {
        expectNone(repository.files.flatMap(LayoutRule.blanks), LayoutRule.whyBlanks)
    }

    @Test("no paths of a developer's machine, no merge markers")
    func leftovers() {
        expectNone(repository.files.flatMap(LeftoverRule.findings), LeftoverRule.why)
    }

    @Test("the manifest and the folders agree")
    func package() throws {
        let manifest = try #require(repository.files.first { $0.path == "Package.swift" })
        let findings = PackageRule.findings(
            manifest: manifest.text,
            sources: repository.codeFolders(in: "Sources"),
            tests: repository.codeFolders(in: "Tests"),
            examples: repository.codeFolders(in: "Examples")
        )
        expectNone(findings, PackageRule.why)
    }

    @Test("links lead somewhere")
    func links() {
        let findings = repository.files.flatMap { file in
            LinkRule.deadLinks(in: file, exists: repository.exists)
        }
        expectNone(findings, LinkRule.why)
    }

    @Test("a README links to every page of the documentation")
    func orphans() {
        expectNone(LinkRule.orphans(in: repository.files), LinkRule.why)
    }

    @Test("exceptions are still needed: each names a file that exists")
    func exceptions() {
        let files = WordRule.uncheckedSendableFiles + LeftoverRule.allowedFiles
        let folders = ClockRule.edges + WordRule.printers
        #expect(WordRule.uncheckedSendableFiles.count <= 1, "one file, as the rule says")
        for path in files + folders {
            #expect(repository.exists(path), "\(path) is gone: take it off its list")
        }
    }

    private func expectNone(_ findings: [Finding], _ why: String) {
        let list = findings.map { "  \($0)" }.joined(separator: "\n")
        #expect(findings.isEmpty, "\(why)\n\(list)")
    }
}
