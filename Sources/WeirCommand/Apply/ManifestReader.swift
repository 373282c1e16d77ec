import QuotaModel
import StrictJSON
import Yams

/// Reads manifests strictly: what it does not know is an error with its line.
struct ManifestReader {
    /// The file's path, for messages.
    let path: String

    /// All entries in the order in which they are applied.
    func entries(_ text: String) throws(CommandFailure) -> [ManifestEntry] {
        guard let node = try compose(text) else {
            throw CommandFailure("\(shownPath) is empty; it has \(Self.listKeys)")
        }
        let mapping = try mapping(node, "the manifest")
        var entries: [ManifestKind: [ManifestEntry]] = [:]
        for (key, value) in mapping {
            let name = try name(key)
            guard let kind = ManifestKind.allCases.first(where: { $0.listKey == name }) else {
                throw unknown(key, name, ManifestKind.allCases.map(\.listKey))
            }
            guard entries[kind] == nil else { throw failure(key, "\"\(name)\" stands here twice") }
            entries[kind] = []
            if value.null != nil && !value.isQuoted { continue }
            guard let sequence = value.sequence else {
                throw failure(key, "\"\(name)\" must be a list")
            }
            for node in sequence { entries[kind, default: []].append(try entry(kind, node)) }
        }
        let ordered = ManifestKind.allCases.flatMap { entries[$0] ?? [] }
        try refuseDuplicates(ordered)
        return ordered
    }

    /// The one object of a file that has nothing else.
    func single(_ kind: ManifestKind, _ text: String) throws(CommandFailure) -> ManifestEntry {
        guard let node = try compose(text) else {
            throw CommandFailure("\(shownPath) is empty; it has the members of a \(kind.rawValue)")
        }
        return try entry(kind, node)
    }

    /// Whether a file is a manifest that has a list of these.
    func hasList(of kind: ManifestKind, _ text: String) -> Bool {
        guard let mapping = try? compose(text)?.mapping else { return false }
        return mapping.contains { key, _ in key.scalar?.string == kind.listKey }
    }

    private static let listKeys = ManifestKind.allCases.map { "\($0.listKey):" }
        .joined(separator: ", ")

    private var shownPath: String { SafeText.line(path) }

    private func compose(_ text: String) throws(CommandFailure) -> Node? {
        do {
            guard let node = try Yams.compose(yaml: text), node.null == nil || node.isQuoted else {
                return nil
            }
            return node
        } catch {
            let lines = "\(error)".split(separator: "\n")
                .map { SafeText.line($0.map { $0 == "\t" ? " " : String($0) }.joined()) }
            throw CommandFailure(
                "\(shownPath) is not valid YAML:\n  " + lines.joined(separator: "\n  "))
        }
    }

    // MARK: Objects

    private func entry(_ kind: ManifestKind, _ node: Node) throws(CommandFailure) -> ManifestEntry {
        let members = try object(
            node, kind.members, required: kind.required, what: "a \(kind.rawValue)")
        if kind == .override {
            let hasLimit = members["limit"] != nil
            guard hasLimit != (members["multiplier_percent"] != nil) else {
                throw failure(
                    node,
                    hasLimit
                        ? "an override has \"limit\" (null is unlimited) or "
                            + "\"multiplier_percent\", not both; leave one of them out"
                        : "an override needs \"limit\" or \"multiplier_percent\"")
            }
        }
        let line = node.mark?.line ?? 1
        return ManifestEntry(kind: kind, line: line, members: members)
    }

    private func object(
        _ node: Node,
        _ known: [(name: String, kind: MemberKind)],
        required: [String],
        what: String,
        path: String = ""
    ) throws(CommandFailure) -> JSONObject {
        var object = JSONObject()
        for (key, value) in try mapping(node, what) {
            let name = try name(key)
            let place = path.isEmpty ? name : "\(path).\(name)"
            guard let member = known.first(where: { $0.name == name }) else {
                throw unknown(key, name, known.map(\.name), place: place)
            }
            guard object[name] == nil else { throw failure(key, "\"\(place)\" stands here twice") }
            if value.null != nil, !value.isQuoted {
                // Null leaves a member open, unless it is a value like others.
                if ManifestKind.nullable.contains(name) { object[name] = .null }
                continue
            }
            object[name] = try self.value(value, member.kind, at: place)
        }
        for name in required where object[name] == nil {
            throw failure(node, "\(what) needs \"\(name)\"")
        }
        return object
    }

    private func object(
        _ node: Node,
        _ known: [(name: String, kind: MemberKind)],
        required: [String],
        at place: String
    ) throws(CommandFailure) -> JSONValue {
        .object(
            try object(node, known, required: required, what: "\"\(place)\"", path: place))
    }

    /// The value of the member at `place`, which is its path: `limits[0].rollover.cap`.
    private func value(
        _ node: Node, _ kind: MemberKind, at place: String
    ) throws(CommandFailure) -> JSONValue {
        switch kind {
        case .text, .plan, .localTime, .instant:
            guard let text = node.scalar?.string else {
                throw failure(node, "\"\(place)\" must be a text")
            }
            return .string(text)
        case .integer:
            guard let text = node.scalar?.string, !node.isQuoted, let value = Units.parse(text)
            else { throw failure(node, "\"\(place)\" must be an integer from 0") }
            return .number(JSONNumber(value))
        case .integers: return try list(node, of: .integer, "integers", at: place)
        case .localTimes: return try list(node, of: .localTime, "local times", at: place)
        case .limits: return try list(node, of: .limit, "limits", at: place)
        case .limit:
            return try object(
                node, ManifestKind.limitMembers, required: ["meter", "window", "limit"], at: place)
        case .dated(let instant):
            return try object(
                node, [("plan", .plan), (instant, .instant)], required: ["plan", instant],
                at: place)
        case .rollover:
            return try object(node, ManifestKind.rolloverMembers, required: ["cap"], at: place)
        case .cap: return try object(node, ManifestKind.capMembers, required: [], at: place)
        case .bool:
            guard let text = node.scalar?.string, ["true", "false"].contains(text) else {
                throw failure(node, "\"\(place)\" must be true or false")
            }
            return .bool(text == "true")
        case .anything:
            return try anything(node, depth: 0)
        }
    }

    private func list(
        _ node: Node, of kind: MemberKind, _ what: String, at place: String
    ) throws(CommandFailure) -> JSONValue {
        guard let sequence = node.sequence else {
            throw failure(node, "\"\(place)\" must be a list of \(what)")
        }
        var values: [JSONValue] = []
        for (index, element) in sequence.enumerated() {
            values.append(try value(element, kind, at: "\(place)[\(index)]"))
        }
        return .array(values)
    }

    /// Any YAML as the JSON that says the same.
    private func anything(_ node: Node, depth: Int) throws(CommandFailure) -> JSONValue {
        guard depth < 16 else { throw failure(node, "this is nested too deeply") }
        if let mapping = node.mapping {
            var object = JSONObject()
            for (key, value) in mapping {
                object[try name(key)] = try anything(value, depth: depth + 1)
            }
            return .object(object)
        }
        if let sequence = node.sequence {
            var values: [JSONValue] = []
            for element in sequence { values.append(try anything(element, depth: depth + 1)) }
            return .array(values)
        }
        guard let text = node.scalar?.string else { throw failure(node, "this is no value") }
        if node.isQuoted { return .string(text) }
        if node.null != nil { return .null }
        if text == "true" || text == "false" { return .bool(text == "true") }
        return JSONNumber(literal: text).map { .number($0) } ?? .string(text)
    }

    private func mapping(_ node: Node, _ what: String) throws(CommandFailure) -> Node.Mapping {
        guard let mapping = node.mapping else {
            throw failure(node, "\(what) must be a mapping of names to values")
        }
        return mapping
    }

    private func name(_ key: Node) throws(CommandFailure) -> String {
        guard let name = key.scalar?.string else { throw failure(key, "a name must be a text") }
        return name
    }

    // MARK: Errors

    private func refuseDuplicates(_ entries: [ManifestEntry]) throws(CommandFailure) {
        var lines: [[String]: Int] = [:]
        for entry in entries {
            // Bytes, since texts are equal when they look alike.
            let parts = entry.path + (entry.startsAt.map { [Self.start($0)] } ?? [])
            let key = parts.map { $0.utf8.map { String($0) }.joined(separator: " ") }
            if let first = lines[key] {
                throw CommandFailure(
                    "\(shownPath), line \(entry.line): \(entry.title) stands on line \(first) too")
            }
            lines[key] = entry.line
        }
    }

    /// A start in the one form of its instant, so that those that say the same are equal.
    private static func start(_ text: String) -> String {
        Timestamp(text).map { String($0.nanoseconds) } ?? text
    }

    private func unknown(
        _ key: Node, _ name: String, _ known: [String], place: String? = nil
    ) -> CommandFailure {
        failure(
            key,
            "unknown key \"\(SafeText.line(place ?? name))\"; "
                + Nearest.advice(for: name, in: known))
    }

    private func failure(_ node: Node, _ what: String) -> CommandFailure {
        let line = node.mark.map { ", line \($0.line)" } ?? ""
        return CommandFailure("\(shownPath)\(line): \(what)")
    }
}

extension Node {
    /// Whether a scalar stands in quotes or in a block, which makes it a text whatever it says.
    fileprivate var isQuoted: Bool {
        guard let style = scalar?.style else { return false }
        return style != .plain && style != .any
    }
}
