import Testing

/// Each rule about text, the manifest and links, shown something that breaks it.
@Suite("Rules about text")
struct TextRuleTests {
    private func file(_ path: String, _ text: String) -> SourceFile {
        SourceFile(path: path, text: text)
    }

    @Test("a file of 500 lines passes, one of 501 does not")
    func fileLength() {
        func findings(_ lines: Int) -> [Finding] {
            let text = String(repeating: "a\n", count: lines)
            return LayoutRule.lengths(of: file("Sources/A/A.swift", text))
        }
        #expect(findings(500).isEmpty)
        #expect(findings(501) == [Finding(path: "Sources/A/A.swift", what: "501 lines")])
    }

    @Test("lines end by column 100, counted in characters")
    func lineLength() {
        func findings(_ line: String, _ path: String = "Sources/A/A.swift") -> [Finding] {
            LayoutRule.lengths(of: file(path, "\n\(line)\n"))
        }
        let long = String(repeating: "x", count: 101)
        #expect(findings(String(repeating: "é", count: 100)).isEmpty)
        #expect(findings(long).map(\.description) == ["Sources/A/A.swift:2: 101 columns"])
        #expect(findings("// https://example.com/\(long)").isEmpty)
        #expect(findings("let a = \"\(long)\"").count == 1)
        #expect(findings("let a = \"\(long)\"", "Tests/A/A.swift").isEmpty)
        #expect(findings("let \(long) = 1", "Tests/A/A.swift").count == 1)
        #expect(findings(long, "README.md").isEmpty)
    }

    @Test("tabs, blanks at the end and a missing newline are refused")
    func blanks() {
        func what(_ text: String) -> [String] {
            LayoutRule.blanks(in: file("A.md", text)).map(\.description)
        }
        #expect(what("a\n\n b\n").isEmpty)
        #expect(what("").isEmpty)
        #expect(what("a\n\tb\n") == ["A.md:2: a tab"])
        #expect(what("a \nb\r\n") == ["A.md:1: blank at its end", "A.md:2: blank at its end"])
        #expect(what("a\nb") == ["A.md: no newline at its end"])
    }

    @Test("paths of a machine and merge markers are refused")
    func leftovers() {
        let work = "/wo" + "rk/"
        let bad = """
            cd \(work)main
            "\("/ro" + "ot/").cache"
            (\("/opt/" + "swift")-packages)
            \("<<<" + "<<<< HEAD")
            \(">>>" + ">>>> topic")
            """
        let findings = LeftoverRule.findings(in: file("a.sh", bad))
        #expect(findings.map(\.line).sorted() == [1, 2, 3, 4, 5])
        let fine = """
            https://example.com\(work)a
            frame\(work)b
            a \("<<<" + "<<<< b")
            $HOME/wo
            """
        #expect(LeftoverRule.findings(in: file("a.sh", fine)).isEmpty)
    }

    @Test("targets are read from the manifest, products are not")
    func targets() {
        let manifest = """
            func library(_ name: String) -> Target { .target(name: name) }
            products: [.library(name: "Shown", targets: ["A"])],
            targets: [
                library("A"),
                executable(
                    "b", ["A"]),
                .target(name: "C"), .executableTarget(
                    name: "D"),
                tests("ATests", ["A"]), .testTarget(name: "CTests"),
            ]
            """
        let targets = PackageRule.targets(in: manifest)
        #expect(targets.sources == ["A", "b", "C", "D"])
        #expect(targets.tests == ["ATests", "CTests"])
    }

    @Test("folders without a target and targets without a folder are refused")
    func package() {
        let manifest =
            #"targets: [library("A"), library("B"), tests("ATests"), tests("BTests"), example("C")]"#
        let findings = PackageRule.findings(
            manifest: manifest,
            sources: ["A", "Forgotten"],
            tests: ["ATests", "LostTests"],
            examples: ["C", "Stray"]
        )
        #expect(
            findings.map(\.description) == [
                "Sources/Forgotten: is not a target of Package.swift",
                "Package.swift: Sources/B has no code",
                "Tests/LostTests: is not a target of Package.swift",
                "Package.swift: Tests/BTests has no code",
                "Examples/Stray: is not a target of Package.swift",
            ]
        )
    }

    @Test("dead links are refused")
    func deadLinks() {
        let page = file(
            "Documentation/page.md",
            """
            [fine](other.md) [also](../README.md#top) [root](/LICENSE) [image](<a%20b.png> "t")
            [dead](missing.md), ![gone](../gone.png "title")
            [elsewhere](https://example.com/x) [here](#part) [mail](mailto:a@example.com)
            `[code](nowhere.md)` [out](../../etc.md)
            ```
            [fenced](nowhere.md)
            ```
            """
        )
        let existing = ["Documentation/other.md", "README.md", "LICENSE", "Documentation/a b.png"]
        let findings = LinkRule.deadLinks(in: page, exists: existing.contains)
        #expect(
            findings.map(\.description) == [
                "Documentation/page.md:2: no file at missing.md",
                "Documentation/page.md:2: no file at ../gone.png",
                "Documentation/page.md:4: ../../etc.md leads out of the repository",
            ]
        )
    }

    @Test("pages that no README links to are refused")
    func orphans() {
        let files = [
            file("README.md", "[a](Documentation/a.md)\n"),
            file("Documentation/README.md", "[b](deep/b.md#part)\n"),
            file("Documentation/a.md", "[c](c.md)\n"),
            file("Documentation/deep/b.md", ""),
            file("Documentation/c.md", ""),
        ]
        #expect(LinkRule.orphans(in: files).map(\.path) == ["Documentation/c.md"])
        #expect(LinkRule.orphans(in: [file("README.md", "")]).isEmpty)
    }
}
