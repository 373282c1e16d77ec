import QuotaModel
import StrictJSON

/// What is to be done so that the server has what a manifest says.
struct ManifestDiff: Equatable, Sendable {
    /// One object that is to be made or changed.
    struct Step: Equatable, Sendable {
        var entry: ManifestEntry
        /// Nil for an object that does not exist yet.
        var changes: [FieldChange]?
        /// What the server is to be told.
        var call: Call
    }

    /// In the order in which they are to be done.
    private(set) var steps: [Step] = []
    /// How many objects are as they should be.
    private(set) var unchanged = 0
    /// Overrides whose time is over, which no server takes.
    private(set) var expired: [ManifestEntry] = []
    /// What can be done, but hardly is what was meant.
    var warnings: [String] = []

    /// What a new object is made with.
    static func members(of entry: ManifestEntry) -> [FieldChange] {
        entry.members.members.flatMap { member -> [FieldChange] in
            if ["id", "tenant", "meter", "window"].contains(member.name) { return [] }
            if member.name == "limits", let limits = member.value.arrayValue {
                return LimitForm.changes(from: [], to: limits, of: entry.kind)
            }
            let value = MemberTable.cell(member.value, null: "null")
            return [FieldChange(name: member.name, old: nil, new: value)]
        }
    }

    /// Compares an entry with what the server has of it; nil where it has nothing.
    mutating func add(_ entry: ManifestEntry, found: JSONValue?, now: Timestamp) {
        let given = entry
        let entry = given.settled(at: now)
        if entry.kind == .override, let end = entry.members["expires_at"]?.stringValue,
            let time = Timestamp(end), time <= now
        {
            expired.append(entry)
            return
        }
        guard let found else {
            if given.members["trial"]?.objectValue != nil, entry.members["trial"] == nil {
                warnings.append("\(entry.title): its trial is over; passed over")
            }
            steps.append(Step(entry: entry, changes: nil, call: Self.creation(of: entry)))
            return
        }
        let changes = Self.changes(from: found, to: entry)
        if entry.members["periods"] != nil, changes.map(\.name) == ["expired"] {
            // Its periods would be counted anew from today.
            expired.append(entry)
        } else if changes.isEmpty {
            unchanged += 1
        } else {
            let call = Self.change(of: entry, changes, found: found)
            steps.append(Step(entry: entry, changes: changes, call: call))
        }
    }

    // MARK: Comparing

    /// The members that say which object it is.
    private static let identity = ["id", "tenant", "meter", "window", "starts_at"]

    private static func changes(from found: JSONValue, to entry: ManifestEntry) -> [FieldChange] {
        var changes: [FieldChange] = []
        let hasExpired = found["expired"]?.boolValue == true
        if hasExpired { changes.append(FieldChange(name: "expired", old: "yes", new: "no")) }
        for (name, kind) in entry.kind.members where !identity.contains(name) {
            guard let new = entry.members[name] else { continue }
            let old = found[name] ?? .null
            if let change = special(name, entry, found) {
                changes += change
                continue
            }
            if case .limits = kind {
                changes += LimitForm.changes(
                    from: old.arrayValue ?? [], to: new.arrayValue ?? [], of: entry.kind)
                continue
            }
            if name == "periods" {
                // The server keeps the time at which they end, and counts from today when it is
                // told again: an override that has an end is left alone.
                if found["expires_at"]?.isNull == false { continue }
                changes.append(
                    FieldChange(name: name, old: "forever", new: MemberTable.cell(new)))
                continue
            }
            if name == "expires_at", entry.members["periods"] != nil, isEarlier(old, than: new) {
                // The periods ended it.
                continue
            }
            if !isSame(new, old, kind) {
                changes.append(
                    FieldChange(
                        name: name, old: MemberTable.cell(old, null: "null"),
                        new: MemberTable.cell(new, null: "null")))
            }
        }
        return changes
    }

    /// Whether an end comes before another, which may be never.
    private static func isEarlier(_ end: JSONValue, than other: JSONValue) -> Bool {
        guard let end = end.stringValue.flatMap({ Timestamp($0) }) else { return false }
        return other.isNull || other.stringValue.flatMap { Timestamp($0) }.map { end < $0 } ?? false
    }

    /// Whether two values say the same.
    static func isSame(_ new: JSONValue, _ old: JSONValue, _ kind: MemberKind) -> Bool {
        if case .dated(let instant) = kind, new.objectValue != nil, old.objectValue != nil {
            return isSame(new["plan"] ?? .null, old["plan"] ?? .null, .plan)
                && isSame(new[instant] ?? .null, old[instant] ?? .null, .instant)
        }
        if case .localTimes = kind, let new = new.arrayValue, let old = old.arrayValue {
            return new.count == old.count
                && zip(new, old).allSatisfy { isSame($0, $1, .localTime) }
        }
        guard let new = new.stringValue, let old = old.stringValue else {
            return new.canonicalBytes == old.canonicalBytes
        }
        if new.utf8.elementsEqual(old.utf8) { return true }
        switch kind {
        case .plan:
            return PlanID(trusted: new).canonical == PlanID(trusted: old).canonical
        case .localTime:
            guard let new = LocalDateTime(new) else { return false }
            return new == LocalDateTime(old)
        case .instant:
            guard let new = Timestamp(new) else { return false }
            return new == Timestamp(old)
        default: return false
        }
    }

    // MARK: Calls

    private static func creation(of entry: ManifestEntry) -> Call {
        switch entry.kind {
        case .meter, .plan, .organization, .tenant:
            var call = Call.admin(.post, entry.kind.listKey)
            call.body = entry.members
            return call
        case .override: return override(entry, found: nil)
        }
    }

    private static func change(
        of entry: ManifestEntry, _ changes: [FieldChange], found: JSONValue
    ) -> Call {
        var call = Call(.put, ["api", "admin"] + entry.path)
        switch entry.kind {
        case .meter, .plan:
            // These are replaced as a whole: what the manifest leaves open stays as it is.
            var members = JSONObject()
            for (name, _) in entry.kind.members {
                members[name] = entry.members[name] ?? found[name]
            }
            call.body = members
        case .organization, .tenant:
            call.method = .patch
            var members = JSONObject()
            let together = entry.membersOfPlan(changedBy: changes)
            for (name, _) in entry.kind.members {
                let isChanged = changes.contains {
                    $0.name == name || $0.name.hasPrefix(name + "[")
                }
                if isChanged || together.contains(name) { members[name] = entry.members[name] }
            }
            call.body = members
        case .override: return override(entry, found: found)
        }
        return call
    }

    private static func override(_ entry: ManifestEntry, found: JSONValue?) -> Call {
        var call = Call(.put, ["api", "admin"] + entry.path)
        for (name, _) in entry.kind.members where !["tenant", "meter", "window"].contains(name) {
            call = call.with(name, entry.members[name])
        }
        // It is replaced as a whole: what the manifest leaves open stays as it is.
        guard let found else { return call }
        if entry.members["author"] == nil { call = call.with("author", found["author"]) }
        if entry.members["expires_at"] == nil, entry.members["periods"] == nil,
            found["expired"]?.boolValue != true
        {
            call = call.with("expires_at", found["expires_at"])
        }
        return call
    }
}
