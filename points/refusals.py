"""What this area refuses, in rank order: when several apply, the first answers and all are listed.

Points in sentences are whole points or decimals, never milli-points.
"""

from __future__ import annotations

from runtime.refusal import RefusalCode, Sentence


class PointsRefusal(RefusalCode):
    """Refusals of packs, postings, awards, penalties and credit records."""

    # Credit questions; the code of an unknown subject is never repeated.
    CODE_INVALID = Sentence(
        400,
        "统一社会信用代码格式或校验位不正确",
        "The unified social credit code is malformed or its check character is wrong",
    )
    QUESTION_MALFORMED = Sentence(
        400,
        "nonce 须为 8 到 128 个字母、数字、点、下划线或连字符",
        "nonce is 8 to 128 letters, digits, dots, underscores or hyphens",
    )
    AUDIENCE_MISSING = Sentence(
        403, "须以接口客户端身份查询", "Only an API client can ask for a signed answer"
    )
    SUBJECT_UNKNOWN = Sentence(404, "没有此主体", "There is no such subject")
    ANSWER_KEY_MISSING = Sentence(
        409,
        "本节点没有答复签名密钥，请先初始化",
        "This node has no key for answers; initialise it first",
    )
    RECORD_UNKNOWN = Sentence(404, "没有此信用记录", "There is no such credit record")
    TRANSFER_UNKNOWN = Sentence(404, "没有此积分记录", "There is no such points transfer")
    NATURAL_PERSON = Sentence(
        422,
        "自然人的积分与信用记录不在此办理",
        "Points and credit records of natural persons are not dealt with here",
    )
    SUBJECT_NOT_SERVED = Sentence(
        422, "该规则包不适用于此类主体", "The rule pack does not serve subjects of this kind"
    )

    # Rule packs.
    PACK_INVALID = Sentence(
        422,
        "规则包不合格：{place} 应为 {expected}",
        "The rule pack is not valid: {place} should be {expected}",
    )
    PACK_TAKEN = Sentence(
        409,
        "该规则包的此版本已发布，内容不同",
        "This version of the pack is published already, with other content",
    )
    NO_PACK = Sentence(
        422,
        "事项发生当日该地区没有生效的规则包",
        "No published rule pack covered this region on the day of the event",
    )
    NO_RULE = Sentence(422, "规则包中没有适用的规则", "No rule of the pack fits this fact")

    # Facts.
    EVENT_CONFLICT = Sentence(
        409,
        "同一来源事项已按不同内容记过分",
        "This event of this source was posted before with other content",
    )
    SOURCE_MALFORMED = Sentence(
        422,
        "来源或事项编号格式不正确",
        "Source or event id is malformed",
    )
    IN_THE_FUTURE = Sentence(422, "发生时间不得晚于现在", "The time of the fact lies in the future")
    QUANTITY_INVALID = Sentence(
        422,
        "数量无效：须为正数，且单位能精确换算",
        "The quantity is not valid: positive, in a unit that converts exactly",
    )
    QUANTITY_MISSING = Sentence(
        422, "此规则按数量计分，须写明数量和相应单位", "This rule counts a quantity in its unit"
    )
    NOTHING_COUNTED = Sentence(
        422, "数量太小，不足千分之一分", "The quantity is too small for a thousandth of a point"
    )
    AMOUNT_TOO_LARGE = Sentence(422, "分值过大", "The amount of points is too large")
    CAP_REACHED = Sentence(
        409, "本期积分已达上限 {cap} 分", "The cap of {cap} points is reached for this period"
    )
    NOT_AN_AWARD = Sentence(
        422, "此事项应扣分，不能加分", "The rule takes points; record the penalty instead"
    )
    NOT_A_PENALTY = Sentence(
        422, "此事项应加分，不能扣分", "The rule gives points; it is no penalty"
    )
    ALREADY_REVERSED = Sentence(409, "此积分记录已冲正", "This transfer is reversed already")
    NOT_REVERSIBLE = Sentence(
        422, "过期与冲正记录不能再冲正", "Expiries and reversals cannot be reversed"
    )

    # Credit records.
    DOCUMENT_NUMBER_MISSING = Sentence(
        422, "须写明处罚决定书文号", "The number of the decision must be given"
    )
    DOCUMENT_TAKEN = Sentence(
        409,
        "该机关的此文号已对此主体记录",
        "This decision of this authority is on record for this subject already",
    )
    PERSONAL_DATA = Sentence(
        422,
        "事实部分含有身份证号或手机号，不得记入",
        "The text contains what looks like an identity or mobile phone number",
    )
    CLASS_UNKNOWN = Sentence(
        422,
        "处罚类别须为轻微、一般或严重",
        "A penalty is minor, ordinary or serious",
    )
    OFFENCE_MALFORMED = Sentence(
        422, "违法事项代码格式不正确", "The code of the offence is malformed"
    )
    ENDING_UNKNOWN = Sentence(
        422, "只能以修复或撤回结束公示", "A record ends by being repaired or withdrawn"
    )
    DECISION_IN_FUTURE = Sentence(
        422, "处罚决定日期晚于今天", "The date of the decision lies in the future"
    )
    NO_REGIME = Sentence(
        422, "决定日期早于已收录的公示规定", "No disclosure rule is on file for this date"
    )
    DISCLOSURE_INCOMPLETE = Sentence(
        422, "公示起止日期须同时填写", "Give both ends of the disclosure period or neither"
    )
    DISCLOSURE_REQUIRED = Sentence(422, "此类处罚须公示", "Penalties of this class are disclosed")
    DISCLOSURE_REVERSED = Sentence(
        422, "公示截止日早于起始日", "The last day of disclosure lies before the first"
    )
    DISCLOSURE_BEFORE_DECISION = Sentence(
        422, "公示起始日早于决定日期", "Disclosure would begin before the decision"
    )
    DISCLOSURE_TOO_SHORT = Sentence(
        422,
        "此类处罚公示至少 {months} 个月，不早于 {date}",
        "This class is disclosed for at least {months} months, until {date} or later",
    )
    DISCLOSURE_TOO_LONG = Sentence(
        422,
        "此类处罚公示最长 {months} 个月，不晚于 {date}",
        "This class is disclosed for at most {months} months, until {date} at the latest",
    )
    RECORD_CLOSED = Sentence(
        409, "此信用记录已修复或撤回", "This record is repaired or withdrawn already"
    )
    REPAIR_TOO_EARLY = Sentence(
        409,
        "最短公示期未满，{date} 之前不能修复",
        "The minimum period has not passed: no repair before {date}",
    )


class CreditFault(RefusalCode):
    """What a check finds wrong with a credit answer beside the faults of every signed answer."""

    AUDIENCE_WRONG = Sentence(422, "答复不是给此客户端的", "The answer is for another client")
    SUBJECT_WRONG = Sentence(
        422, "记录不属于所问主体", "A record belongs to another subject than the one asked about"
    )
    PERIOD_WRONG = Sentence(
        422,
        "记录在答复时点不在公示期内",
        "A record was outside its disclosure period at the time of the answer",
    )
    CERTIFICATE_WRONG = Sentence(
        422,
        "证书信息与日志条目不符",
        "A certificate differs from the log entry that is given for it",
    )
