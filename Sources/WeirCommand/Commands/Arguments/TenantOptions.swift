import ArgumentParser
import StrictJSON

/// What describes a tenant.
struct TenantOptions: ParsableArguments {
    /// When a change of plan acts.
    enum PlanAt: String, ExpressibleByArgument, CaseIterable {
        case now
        case periodEnd = "period_end"
    }

    @Option(help: "The name, for people.")
    var name: String?

    @Option(help: "The plan's id.")
    var plan: String?

    @Option(
        help: ArgumentHelp(
            "When that plan acts: now or period_end (a larger plan now, a smaller one when the"
                + " billing period ends).", valueName: "when"))
    var planAt: PlanAt?

    @Option(help: ArgumentHelp("The id of a plan to try from now on.", valueName: "plan"))
    var trialPlan: String?

    @Option(
        help: ArgumentHelp(
            "When the trial ends and the plan before it holds again, such as"
                + " 2027-01-15T00:00:00Z.", valueName: "instant"))
    var trialEnds: String?

    @Option(help: ArgumentHelp("The id of a plan to change to later.", valueName: "plan"))
    var scheduledPlan: String?

    @Option(
        help: ArgumentHelp(
            "When it does, such as 2027-02-01T00:00:00Z.", valueName: "instant"))
    var scheduledAt: String?

    @Option(help: "The id of the organization it belongs to.")
    var organization: String?

    @OptionGroup var billing: BillingOptions

    @Option(help: "active, suspended or closed.")
    var status: String?

    @Option(help: "The ISO 4217 code, such as NGN.")
    var currency: String?

    func validate() throws {
        guard planAt == nil || plan != nil else {
            throw ValidationError("--plan-at says when --plan acts, which is missing.")
        }
        guard (trialPlan == nil) == (trialEnds == nil) else {
            throw ValidationError("A trial has both --trial-plan and --trial-ends.")
        }
        guard (scheduledPlan == nil) == (scheduledAt == nil) else {
            throw ValidationError("A change made later has --scheduled-plan and --scheduled-at.")
        }
    }

    /// The call with the members that were given.
    func add(to call: Call) -> Call {
        billing.add(to: call).with("name", text: name).with("plan", text: plan)
            .with("plan_at", text: planAt?.rawValue)
            .with("trial", Self.dated(trialPlan, "ends_at", trialEnds))
            .with("scheduled_plan", Self.dated(scheduledPlan, "at", scheduledAt))
            .with("organization", text: organization)
            .with("status", text: status).with("currency", text: currency)
    }

    private static func dated(_ plan: String?, _ name: String, _ instant: String?) -> JSONValue? {
        guard let plan, let instant else { return nil }
        var members = JSONObject()
        members["plan"] = .string(plan)
        members[name] = .string(instant)
        return .object(members)
    }

    /// A tenant for a person.
    static func text(_ answer: JSONValue) -> String { MemberTable.record(Flattened.value(answer)) }
}
