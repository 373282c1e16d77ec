import ArgumentParser
import StrictJSON

/// When the periods of a tenant or an organization begin.
struct BillingOptions: ParsableArguments {
    @Option(help: "The IANA time zone, such as Africa/Lagos.")
    var timeZone: String?

    @Option(help: "The local time at which billing begins, such as 2026-01-31T00:00.")
    var billingAnchor: String?

    @Option(help: "The length of a billing period: week, month or year.")
    var billingInterval: String?

    @Option(
        help: ArgumentHelp(
            "The local times at which billing periods begin, where no rule describes them:"
                + " 2026-02-02,2026-03-02,2026-04-06; \"\" for none.",
            valueName: "times"))
    var billingBoundaries: String?

    /// The call with the members that were given.
    func add(to call: Call) -> Call {
        // The server says which of the times is wrong.
        let boundaries = billingBoundaries?.split(separator: ",")
            .map { JSONValue.string(String($0)) }
        return call.with("time_zone", text: timeZone)
            .with("billing_anchor", text: billingAnchor)
            .with("billing_interval", text: billingInterval)
            .with("billing_boundaries", boundaries.map { .array($0) })
    }
}
