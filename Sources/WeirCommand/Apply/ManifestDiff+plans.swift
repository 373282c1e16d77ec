import QuotaModel
import StrictJSON

// What a tenant's plan is now and what it will be, and what an override makes of a limit, can be
// said in more than one way.
extension ManifestDiff {
    /// What differs in a member that is not compared by itself; nil for one that is.
    static func special(
        _ name: String, _ entry: ManifestEntry, _ found: JSONValue
    ) -> [FieldChange]? {
        switch (entry.kind, name) {
        case (.tenant, "plan_at"):
            // It says how a plan is changed, which the server does not keep.
            return []
        case (.tenant, "plan"):
            return keepsPlan(entry, found) ? [] : [change(ofPlan: entry, found)]
        case (.tenant, "scheduled_plan"): return keepsNextPlan(entry, found) ? [] : nil
        case (.override, "limit"), (.override, "multiplier_percent"):
            return effect(name, entry, found)
        default: return nil
        }
    }

    // MARK: Plans

    /// Whether a tenant is on the plan that a manifest names, or will be when all that is decided
    /// has happened.
    private static func keepsPlan(_ entry: ManifestEntry, _ found: JSONValue) -> Bool {
        let plan = entry.members["plan"] ?? .null
        let next = found["scheduled_plan"]?["plan"]
        let isOn = isSame(plan, found["plan"] ?? .null, .plan)
        let isNext = next.map { isSame(plan, $0, .plan) } ?? false
        if entry.members["scheduled_plan"]?.objectValue != nil {
            // What is named is the plan until then; with a trial it is the one after that.
            return isOn || (entry.members["trial"]?.objectValue != nil && isNext)
        }
        // In a trial the server shows the plan that is tried.
        if found["trial"]?.objectValue != nil {
            // Without a trial of its own, a manifest that names the plan that is tried buys it.
            return isNext || (isOn && entry.members["trial"]?.objectValue != nil)
        }
        if entry.members["plan_at"] == "now" { return isOn && (next == nil || isNext) }
        return next == nil ? isOn : isNext
    }

    /// Whether the next change is the one that a manifest names.
    ///
    /// The end of a trial, and the change that the manifest's own plan waits for, are none that
    /// null takes back.
    private static func keepsNextPlan(_ entry: ManifestEntry, _ found: JSONValue) -> Bool {
        let new = entry.members["scheduled_plan"] ?? .null
        let old = found["scheduled_plan"] ?? .null
        if isSame(new, old, .dated("at")) { return true }
        guard new.isNull else { return false }
        if found["trial"]?.objectValue != nil { return true }
        guard let plan = entry.members["plan"], entry.members["plan_at"] != "now" else {
            return false
        }
        return isSame(plan, old["plan"] ?? .null, .plan)
    }

    private static func change(ofPlan entry: ManifestEntry, _ found: JSONValue) -> FieldChange {
        var old = MemberTable.cell(found["plan"], null: "null")
        if let next = found["scheduled_plan"], !next.isNull {
            old += ", \(MemberTable.cell(next["plan"])) from \(MemberTable.cell(next["at"])) on"
        }
        return FieldChange(
            name: "plan", old: old, new: MemberTable.cell(entry.members["plan"], null: "null"))
    }

    // MARK: Overrides

    /// Units and a multiplier stand in for each other.
    private static func effect(
        _ name: String, _ entry: ManifestEntry, _ found: JSONValue
    ) -> [FieldChange] {
        let (old, new) = (Effect(found), Effect(entry.members))
        guard new.name == name, old != new else { return [] }
        return [FieldChange(name: name, old: old.text, new: new.text)]
    }

    /// What an override makes of a limit.
    private struct Effect: Equatable {
        let name: String
        /// Null is unlimited.
        let units: JSONValue

        init(_ members: JSONValue) { self.init(members.objectValue ?? JSONObject()) }

        init(_ members: JSONObject) {
            let percent = members["multiplier_percent"] ?? .null
            name = percent.isNull ? "limit" : "multiplier_percent"
            units = percent.isNull ? members["limit"] ?? .null : percent
        }

        var text: String {
            MemberTable.cell(units, null: "null") + (name == "limit" ? "" : " %")
        }
    }
}

extension ManifestEntry {
    /// The members that say which plan a tenant is on, now and later.
    private static let planMembers = ["plan", "plan_at", "trial", "scheduled_plan"]

    /// The members that have to be told together when one of them changes: a plan that is set
    /// drops what was decided for later.
    func membersOfPlan(changedBy changes: [FieldChange]) -> [String] {
        guard kind == .tenant, changes.contains(where: { Self.planMembers.contains($0.name) })
        else { return [] }
        return Self.planMembers
    }

    /// The same tenant without what is over: a trial that has ended, and a change that has been
    /// made.
    func settled(at now: Timestamp) -> ManifestEntry {
        guard kind == .tenant else { return self }
        var entry = self
        func isOver(_ name: String, _ instant: String) -> Bool {
            members[name]?[instant]?.stringValue.flatMap { Timestamp($0) }.map { $0 <= now }
                ?? false
        }
        if isOver("trial", "ends_at") { entry.members["trial"] = nil }
        if isOver("scheduled_plan", "at") {
            entry.members["plan"] = members["scheduled_plan"]?["plan"]
            entry.members["scheduled_plan"] = nil
        }
        return entry
    }
}
