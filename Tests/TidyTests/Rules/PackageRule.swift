/// The manifest and the folders agree.
enum PackageRule {
    static let why = """
        A folder that Package.swift does not name is code that nobody compiles, and a test target \
        without a folder tests nothing. Declare it, or delete it.
        """

    /// Compares the text of `Package.swift` with the folders that hold code.
    static func findings(
        manifest: String,
        sources: [String],
        tests: [String],
        examples: [String] = []
    ) -> [Finding] {
        let declared = targets(in: manifest)
        return missing("Sources", folders: sources, declared: declared.sources)
            + missing("Tests", folders: tests, declared: declared.tests)
            + missing("Examples", folders: examples, declared: self.examples(in: manifest))
    }

    /// The examples that a manifest declares.
    static func examples(in manifest: String) -> Set<String> {
        Set(manifest.matches(of: /\bexample\(\s*"(?<name>[^"]+)"/).map { String($0.name) })
    }

    /// The targets a manifest declares, by its helper functions or by SwiftPM's own.
    static func targets(in manifest: String) -> (sources: Set<String>, tests: Set<String>) {
        var sources: Set<String> = []
        var tests: Set<String> = []
        let helper = /\b(?<kind>library|executable|tests)\(\s*"(?<name>[^"]+)"/
        for match in manifest.matches(of: helper) {
            let name = String(match.name)
            if match.kind == "tests" { tests.insert(name) } else { sources.insert(name) }
        }
        let builtIn =
            /\.(?<kind>target|executableTarget|systemLibrary|testTarget)\(\s*name:\s*"(?<name>[^"]+)"/
        for match in manifest.matches(of: builtIn) {
            let name = String(match.name)
            if match.kind == "testTarget" { tests.insert(name) } else { sources.insert(name) }
        }
        return (sources, tests)
    }

    private static func missing(
        _ parent: String,
        folders: [String],
        declared: Set<String>
    ) -> [Finding] {
        let undeclared = Set(folders).subtracting(declared).sorted()
            .map { name in
                Finding(path: "\(parent)/\(name)", what: "is not a target of Package.swift")
            }
        let absent = declared.subtracting(folders).sorted()
            .map { name in
                Finding(path: "Package.swift", what: "\(parent)/\(name) has no code")
            }
        return undeclared + absent
    }
}
