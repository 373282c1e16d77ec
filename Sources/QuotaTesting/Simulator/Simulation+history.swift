import QuotaEngine
import QuotaLedger
import QuotaModel

// What stands in a history.
extension Simulation.Message {
    var brief: String {
        switch self {
        case .toLedger(let command, _, let call, _): "question \(call): \(command.brief)"
        case .toNode(let answer, let node, let call, _):
            "answer \(call) to n\(node): \(answer.brief)"
        case .request(let request, let node): "request \(request.operation) to n\(node)"
        case .answer(let answer, let operation): "answer to client \(operation): \(answer)"
        case .recall(let tenant, let node): "recall of \(tenant) to n\(node)"
        case .grown(let accounts, let tenant, let node):
            "news of \(accounts.count) limits of \(tenant) to n\(node)"
        }
    }
}

extension LedgerCommand {
    var brief: String {
        switch self {
        case .beginHolder(let begin): "begin \(begin.name)"
        case .endHolder(let end): "end \(end.holder.name).\(end.holder.incarnation) \(end.evidence)"
        case .draw(let draw):
            "draw \(draw.holder.name).\(draw.holder.incarnation) \(draw.tenant) wants "
                + "\(draw.wants.map(\.brief)) "
                + "returns \(draw.returns.map { "\($0.lease.sequence)=\($0.returned)" })"
        case .fold(let fold):
            "fold \(fold.holder.name).\(fold.holder.incarnation) "
                + "\(fold.ranges.map { "\($0.from)-\($0.through)" }) "
                + "\(fold.uses.map { "\($0.lease.sequence)=\($0.used)\($0.isClosed ? "!" : "")" })"
        case .conclude(let conclude): "conclude \(conclude.reservation) \(conclude.event)"
        case .resolve(let resolve): "resolve \(resolve.grant.text) \(resolve.used)"
        case .sweep: "sweep"
        case .listLeases(let holder): "list \(holder.name).\(holder.incarnation)"
        case .refresh: "refresh"
        case .reset(let reset): "reset \(reset.tenant) \(reset.limit.name)"
        default: "\(self)"
        }
    }
}

extension LedgerAnswer {
    var brief: String {
        switch self {
        case .drawn(.granted(let grants, _)):
            "granted \(grants.map { "\($0.id.sequence)=\($0.size)" })"
        case .drawn(.refused(let violations, _, _)): "refused \(violations.map(\.available))"
        case .folded(.folded): "folded"
        case .leases(let leases): "leases \(leases.map(\.grant.id.sequence))"
        case .begun(let begun): "begun \(begun.holder.incarnation), \(begun.unended.count) unended"
        case .viewed: "viewed"
        default: "\(self)"
        }
    }
}

extension LeaseWant {
    fileprivate var brief: String {
        "\(lease.sequence):\(demand.limit.name)=\(demand.amount)"
    }
}
