import QuotaModel
import StrictJSON

extension ManifestDiff {
    /// A plan or an organization that tenants name, in the form in which it can be compared.
    struct Reference: Hashable, Sendable {
        var kind: ManifestKind
        var id: ExactString

        /// The path of the object below `/api/admin`.
        var path: [String] { [kind.listKey, id.text] }
    }

    /// What the steps name that the manifest does not have, each once, in the order of the steps.
    func references(outside entries: [ManifestEntry]) -> [Reference] {
        var seen = Set(entries.map { Self.reference($0.kind, $0.id) })
        return steps.filter { $0.entry.kind == .tenant }
            .flatMap { step in
                let body = step.call.body
                let plans = [
                    body?["plan"], body?["trial"]?["plan"], body?["scheduled_plan"]?["plan"],
                ]
                return plans.compactMap { $0?.stringValue }.map { Self.reference(.plan, $0) }
                    + [body?["organization"]].compactMap { $0?.stringValue }
                    .map { Self.reference(.organization, $0) }
            }
            .filter { seen.insert($0).inserted }
    }

    /// Warns of what neither the manifest nor the server has.
    mutating func warn(of missing: Reference) {
        let instead =
            missing.kind == .plan ? "the limits of \"free\" hold" : "none of its limits hold"
        warnings.append(
            "there is no \(missing.kind.rawValue) \"\(SafeText.line(missing.id.text))\", neither"
                + " here nor on the server; \(instead)")
    }

    private static func reference(_ kind: ManifestKind, _ id: String) -> Reference {
        // `pro` names the same plan as `professional`.
        Reference(
            kind: kind,
            id: ExactString(kind == .plan ? PlanID(trusted: id).canonical.text : id))
    }
}
