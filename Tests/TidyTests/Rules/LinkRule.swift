import Foundation

/// Links in the documentation lead somewhere, and to every page leads one.
enum LinkRule {
    static let why = """
        A dead link wastes a reader's time, and a page that nothing links to is never read. \
        Correct the path, which is relative to the page; link a new page from README.md or \
        Documentation/README.md.
        """

    private static let indexes = ["README.md", "Documentation/README.md"]

    /// Links to files that do not exist; `exists` is asked for paths from the root.
    static func deadLinks(in file: SourceFile, exists: (String) -> Bool) -> [Finding] {
        guard file.isMarkdown else { return [] }
        return links(in: file.text)
            .compactMap { link in
                guard let path = resolve(link.target, from: file.path) else {
                    let what = "\(link.target) leads out of the repository"
                    return Finding(path: file.path, line: link.line, what: what)
                }
                guard !path.isEmpty, !exists(path) else { return nil }
                return Finding(path: file.path, line: link.line, what: "no file at \(link.target)")
            }
    }

    /// Pages of `Documentation/` that neither README links to.
    static func orphans(in files: [SourceFile]) -> [Finding] {
        let linked = files.filter { indexes.contains($0.path) }
            .flatMap { index in
                links(in: index.text).compactMap { resolve($0.target, from: index.path) }
            }
        return files.filter { $0.isMarkdown && $0.path.hasPrefix("Documentation/") }
            .filter { !indexes.contains($0.path) && !linked.contains($0.path) }
            .map { Finding(path: $0.path, what: "no README links to it") }
    }

    /// The relative links of a page, outside code.
    static func links(in markdown: String) -> [(target: String, line: Int)] {
        var isFenced = false
        var links: [(target: String, line: Int)] = []
        let lines = markdown.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            if line.drop(while: { $0 == " " }).hasPrefix("```") { isFenced.toggle() }
            guard !isFenced, line.contains("](") else { continue }
            let prose = line.replacing(/`[^`]*`/, with: "")
            for match in prose.matches(of: /\]\(<?(?<target>[^)\s>]+)[^)]*\)/) {
                let target = String(match.target)
                let isElsewhere = target.contains(":") || target.hasPrefix("#")
                if !isElsewhere { links.append((target, index + 1)) }
            }
        }
        return links
    }

    /// A link of the page at `path`, as a path from the root; nil when it leaves the repository.
    static func resolve(_ target: String, from path: String) -> String? {
        let plain = target.prefix { $0 != "#" && $0 != "?" }
        var parts = plain.hasPrefix("/") ? [] : path.split(separator: "/").dropLast()
        for part in plain.split(separator: "/") where part != "." {
            if part != ".." {
                parts.append(part)
            } else if parts.popLast() == nil {
                return nil
            }
        }
        let joined = parts.joined(separator: "/")
        return joined.removingPercentEncoding ?? joined
    }
}
