/// How a backend is chosen among those of a model that are well and have room.
package enum RoutingStrategy: String, CaseIterable, Hashable, Sendable {
    /// The one with the fewest requests under way.
    case leastOutstanding = "least_outstanding"
    /// In turn, each as often as its weight says.
    case weighted
    /// The cheapest one; among equals, that with the fewest requests under way.
    case cost
}
