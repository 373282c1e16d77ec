import Testing

/// Each rule about code, shown a snippet that breaks it and one that does not.
@Suite("Rules about code")
struct CodeRuleTests {
    private func lines(_ findings: [Finding]) -> [Int] {
        findings.map(\.line).sorted()
    }

    @Test(
        "clocks are refused in the core",
        arguments: [
            "Date()", "Date.now", "ContinuousClock.now", "ContinuousClock().now",
            "SuspendingClock()", "clock_gettime(CLOCK_REALTIME, &t)", "NIODeadline.now()",
            "try await Task.sleep(for: .seconds(1))", "usleep(5)", "sleep(1)",
        ]
    )
    func clocks(code: String) {
        let text = "let a = 1\n\(code)\n"
        let core = SourceFile(path: "Sources/QuotaEngine/A.swift", text: text)
        #expect(Set(ClockRule.findings(in: core).map(\.line)) == [2])
        let edge = SourceFile(path: "Sources/WeirServer/A.swift", text: text)
        #expect(ClockRule.findings(in: edge).isEmpty)
    }

    @Test("tests may look at a clock, and may not sleep")
    func sleepingTests() {
        let text = "_ = ContinuousClock.now\ntry await Task.sleep(for: .zero)\nclock.sleep(5)\n"
        let test = SourceFile(path: "Tests/QuotaEngineTests/A.swift", text: text)
        #expect(lines(ClockRule.findings(in: test)) == [2])
    }

    @Test("what only looks like a clock passes")
    func noClocks() {
        let text = """
            /// Like `Date()`.
            let text = "Date.now"
            CivilDate()
            func sleep(until: Timestamp)
            """
        let file = SourceFile(path: "Sources/QuotaEngine/A.swift", text: text)
        #expect(ClockRule.findings(in: file).isEmpty)
    }

    @Test("traps without a word are refused, traps with one are not")
    func traps() {
        let text = """
            let a = try! f()
            fatalError("")
            fatalError()
            fatalError("an invariant")
            let b = "try!" // try!
            let c = try? f()
            """
        let file = SourceFile(path: "Sources/QuotaEngine/A.swift", text: text)
        #expect(lines(WordRule.traps(in: file)) == [1, 2, 3])
    }

    @Test("unchecked sendability is refused")
    func unchecked() {
        let text = "final class A: @unchecked Sendable {}\nfinal class B: Sendable {}\n"
        let file = SourceFile(path: "Sources/QuotaEngine/A.swift", text: text)
        #expect(lines(WordRule.unchecked(in: file)) == [1])
    }

    @Test("printing is for programs and tests")
    func prints() {
        let text = """
            print("a")
            debugPrint(a)
            Swift.print(a)
            table.print()
            func print() {}
            blueprint(a)
            """
        func found(_ path: String) -> [Int] {
            lines(WordRule.prints(in: SourceFile(path: path, text: text)))
        }
        #expect(found("Sources/QuotaNode/A.swift") == [1, 2, 3])
        #expect(found("Sources/WeirCommand/A.swift") == [])
        #expect(found("Tests/QuotaNodeTests/A.swift") == [])
    }

    @Test("notes are refused, also in comments and in prose")
    func notes() {
        let text =
            "// TO" + "DO: later\n// FIX" + "ME\nlet a = \"X" + "XX\"\nmktemp X" + "X" + "XX\n"
        #expect(lines(WordRule.notes(in: SourceFile(path: "A.swift", text: text))) == [1, 2, 3])
        #expect(lines(WordRule.notes(in: SourceFile(path: "A.md", text: text))) == [1, 2, 3])
    }

    @Test("Foundation stays out of the core, but for one file of the calendar")
    func foundation() {
        func file(_ path: String, _ text: String) -> SourceFile {
            SourceFile(path: "Sources/" + path, text: text)
        }
        let model = file("QuotaModel/A.swift", "\nimport Foundation\n")
        let engine = file("QuotaEngine/A.swift", "public import FoundationEssentials\n")
        let zones = file("QuotaCalendar/Zones.swift", "import Foundation\n")
        let second = file("QuotaCalendar/Second.swift", "import struct Foundation.Date\n")
        let server = file("WeirServer/A.swift", "import Foundation\n")
        #expect(FoundationRule.findings(in: [zones, server]).isEmpty)
        #expect(FoundationRule.findings(in: [model]).map(\.line) == [2])
        #expect(FoundationRule.findings(in: [engine]).count == 1)
        #expect(FoundationRule.findings(in: [zones, second]).count == 2)
    }

    @Test(
        "imports that point up or aside are refused",
        arguments: [
            ("QuotaModel", "QuotaEngine"), ("QuotaEngine", "QuotaLedger"),
            ("LedgerSQLite", "QuotaNode"), ("QuotaNode", "LedgerSQLite"),
            ("WeirHTTP", "LedgerSQLite"), ("WeirHTTP", "WeirServer"),
            ("StrictJSON", "QuotaModel"), ("PrometheusExposition", "StrictJSON"),
            ("WeirServer", "QuotaTesting"), ("WeirCommand", "weir-bench"),
        ]
    )
    func layers(target: String, module: String) {
        let text = "import Logging\nimport \(module)\n"
        let file = SourceFile(path: "Sources/\(target)/A/B.swift", text: text)
        let expected = Finding(path: file.path, line: 2, what: "\(target) imports \(module)")
        #expect(LayerRule.findings(in: file) == [expected])
    }

    @Test("the map of imports has no circle: each target imports only what stands before it")
    func mapIsLayered() {
        // The formats stand by themselves, so they may be drawn at the bottom.
        var below: Set<String> = ["StrictJSON", "LLMWire", "PrometheusExposition"]
        for (target, imports) in LayerRule.allowed {
            #expect(below.isSuperset(of: imports), "\(target)")
            below.insert(target)
        }
    }

    @Test("a target that is not on the map is refused")
    func unknownTarget() {
        let file = SourceFile(path: "Sources/Unheard/A.swift", text: "import QuotaModel\n")
        #expect(LayerRule.findings(in: file).map(\.what) == ["target Unheard is not on the map"])
    }
}
