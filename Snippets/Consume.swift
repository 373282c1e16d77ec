// Consume units of a tenant, in process.

// snippet.open
import Weir

try await Weir.withOpen(Weir.Options(folder: "./weir-data")) { weir in
    // snippet.end
    // snippet.consume
    let decision = try await weir.consume(
        tenant: "acme",
        charges: [
            Charge(meter: .apiCalls, amount: 1),
            Charge(meter: .aiTokens, amount: 1_200),
        ])
    if decision.isAllowed {
        let left = decision.limits.map { "\($0.id): \($0.remaining.map(String.init) ?? "no end")" }
        print("go on;", left.joined(separator: ", "))
    } else if let refusal = decision.deniedBy {
        let help = refusal.upgrade.map { "plan \($0.plan) would do" } ?? "no plan would do"
        print(refusal.limitID ?? "", "has", refusal.available, "left;", help)
    }
    // snippet.end
    // snippet.ask
    if try await weir.isNearLimit(tenant: "acme") {
        let left = try await weir.remainingTokens(tenant: "acme")
        print("acme has", left.map(String.init) ?? "any number of", "tokens left")
    }
    // snippet.end
}
