import QuotaModel
import StrictJSON

extension Decision {
    /// Writes what the API shows, without the braces around it.
    func writeMembers(to writer: inout JSONWriter) {
        writeBeginning(to: &writer)
        Self.writeID(id, to: &writer)
        writeSubject(to: &writer)
        Self.writeInstant(asOf, to: &writer)
        writer.array("limits") { writer in
            for limit in limits { limit.write(to: &writer) }
        }
        if let deniedBy {
            writer.object("denied_by") { deniedBy.writeMembers(to: &$0) }
        } else {
            writer.null("denied_by")
        }
        Self.writeWarnings(warnings, to: &writer)
    }

    static func writeID(_ id: String, to writer: inout JSONWriter) {
        writer.member("decision_id", id)
    }

    static func writeInstant(_ instant: Timestamp, to writer: inout JSONWriter) {
        writer.member("as_of", instant.truncatedToMilliseconds)
    }

    static func writeWarnings(_ warnings: [String], to writer: inout JSONWriter) {
        writer.member("warnings", warnings)
    }

    // What a ``DecisionTemplate`` keeps:

    func writeBeginning(to writer: inout JSONWriter) {
        writer.member("allowed", isAllowed)
        writer.member("enforced", isEnforced)
    }

    func writeSubject(to writer: inout JSONWriter) {
        writer.member("tenant", tenant.text)
        writer.member("key", key?.text)
        writer.member("plan", plan.text)
    }
}
