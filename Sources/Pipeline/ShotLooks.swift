import Filters
import Media

/// The baked mapping of each shot, made when its first frame comes by.
struct ShotLooks {
    private let plan: JobPlan
    private let conditions: ShotConditions?
    private let index: FrameIndex
    private let engine: Engine
    private var current: (condition: [Float], look: BakedLUT)?

    init(plan: JobPlan, conditions: ShotConditions?, index: FrameIndex, engine: Engine) {
        self.plan = plan
        self.index = index
        self.conditions = conditions
        self.engine = engine
    }

    /// The mapping for a frame of the rendition: that of the source's frame which it shows, so that a change of rate never
    /// gives a shot the mapping of its neighbour; nil when the program has none.
    mutating func look(at number: Int) throws -> BakedLUT? {
        guard plan.program.needsConditions, let conditions else { return nil }
        let condition = conditions.condition(at: plan.sourceFrame(of: number, index))
        if let current, current.condition == condition { return current.look }
        let look = try engine.look(for: condition, program: plan.program)
        current = (condition, look)
        return look
    }
}
