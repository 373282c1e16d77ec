import QuotaModel
import StrictJSON

extension Decision {
    /// Writes what the API shows, without the braces around it.
    func writeMembers(to writer: inout JSONWriter) {
        writeBeginning(to: &writer)
        writer.value(id)
        writeSubject(to: &writer)
        writer.value(asOf.truncatedToMilliseconds)
        writer.array("limits") { writer in
            for limit in limits { limit.write(to: &writer) }
        }
        if let deniedBy {
            writer.object("denied_by") { deniedBy.writeMembers(to: &$0) }
        } else {
            writer.null("denied_by")
        }
        writer.member("warnings", warnings)
    }

    // What a ``DecisionTemplate`` keeps:

    /// Writes what comes before the id.
    func writeBeginning(to writer: inout JSONWriter) {
        writer.member("allowed", isAllowed)
        writer.member("enforced", isEnforced)
        writer.name("decision_id")
    }

    /// Writes what comes between the id and the instant.
    func writeSubject(to writer: inout JSONWriter) {
        writer.member("tenant", tenant.text)
        writer.member("key", key?.text)
        writePlan(to: &writer)
    }

    /// Writes what comes between the key and the instant.
    func writePlan(to writer: inout JSONWriter) {
        writer.member("plan", plan.text)
        writer.name("as_of")
    }
}
