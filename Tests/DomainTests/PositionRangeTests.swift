import Domain
import Testing

@Suite struct PositionRangeTests {
    @Test(
        "Positions are settled against the source",
        arguments: [
            (nil, nil, 10_000, 0, 10_000), (0, nil, 10_000, 0, 10_000), (2000, nil, 10_000, 2000, 10_000), (nil, 3000, 10_000, 0, 3000),
            (2000, 3000, 10_000, 2000, 3000), (9000, 99_000, 10_000, 9000, 10_000), (0, nil, 400, 0, 400), (nil, nil, 400, 0, 400),
        ] as [(Int?, Int?, Int, Int, Int)])
    func resolved(start: Int?, end: Int?, duration: Int, from: Int, to: Int) {
        let problems = ProblemCollector()
        let range = PositionRange.resolve(start: start, end: end, duration: duration, problems: problems)
        #expect(problems.problems.isEmpty)
        #expect(range == PositionRange(startMilliseconds: from, endMilliseconds: to))
    }

    @Test(
        "Positions out of range are refused with the right kind",
        arguments: [
            (-1, nil, .startPosition), (9001, nil, .startPosition), (10_000, nil, .startPosition), (9500, 99_000, .startPosition),
            (.max, .max, .startPosition),
            (nil, 999, .endPosition), (2000, 2999, .endPosition), (5000, 1000, .endPosition),
        ] as [(Int?, Int?, Problem.Kind)])
    func refused(start: Int?, end: Int?, kind: Problem.Kind) throws {
        let problems = ProblemCollector()
        _ = PositionRange.resolve(start: start, end: end, duration: 10_000, problems: problems)
        let problem = try #require(problems.problems.first)
        #expect(problems.problems.count == 1)
        #expect(problem.kind == kind)
        #expect(problem.field == (kind == .startPosition ? "startPosMs" : "endPosMs"))
        #expect(problem.actual == "\((kind == .startPosition ? start : end) ?? 0)")
    }
}
