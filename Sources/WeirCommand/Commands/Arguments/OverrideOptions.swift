import ArgumentParser

/// Which limit is overridden.
struct OverrideOptions: ParsableArguments {
    @Argument(help: "The tenant's id.")
    var tenant: String

    @Argument(help: "The meter and the window, such as ai_tokens/month.")
    var limit: LimitName

    /// A call about it.
    func call(_ method: Call.Method) -> Call {
        .admin(method, "tenants", tenant, "overrides", limit.meter, limit.window)
    }
}

/// Which of the overrides of a limit.
struct OverrideStart: ParsableArguments {
    @Option(help: "The start of a scheduled override (the one without a start of its own).")
    var startsAt: String?

    /// The call about that one, which a body names unless it only asks.
    func choose(_ call: Call) -> Call {
        guard let startsAt, call.method != .get else { return call.asking("starts_at", startsAt) }
        return call.with("starts_at", text: startsAt)
    }
}
