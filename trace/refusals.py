"""What trace refuses, in rank order: the lowest code answers, all that apply are listed.

Codes stand under a comment per noun. `{name}` in a sentence is a number or a code of the case; a
sentence never repeats free text that somebody typed.
"""

from __future__ import annotations

from runtime.refusal import RefusalCode, Sentence


class TraceRefusal(RefusalCode):
    """The area's refusals; the order of the members is their rank."""

    # registers and lots: what is asked for
    CODE_MALFORMED = Sentence(
        422,
        "编号须为 1 到 20 位字母、数字或连字符",
        "A code is 1 to 20 letters, digits or hyphens",
    )
    GTIN_MALFORMED = Sentence(
        422, "GTIN 须为 14 位数字且校验位正确", "A GTIN has 14 digits with a right check digit"
    )
    NAME_MISSING = Sentence(422, "请填写名称", "A name is needed")
    CATEGORY_UNKNOWN = Sentence(422, "没有这个产品类别", "There is no such category of products")
    REGION_MALFORMED = Sentence(
        422,
        "区划代码须为 6、9 或 12 位数字",
        "A region code has 6, 9 or 12 digits",
    )
    OUTLINE_MALFORMED = Sentence(
        422,
        "地块范围须为 GeoJSON 的 Polygon 或 MultiPolygon，首尾点相同，最多 {most} 个点",
        "The outline must be a GeoJSON Polygon or MultiPolygon with closed rings and at most "
        "{most} points",
    )
    QUANTITY_MALFORMED = Sentence(
        422,
        "数量有误（{why}）：须为大于零、可精确换算的数和常用单位",
        "Wrong quantity ({why}): a number above zero that converts exactly, and a usual unit",
    )
    QUANTITY_MISSING = Sentence(422, "请填写数量", "A quantity is needed")
    WRONG_UNIT = Sentence(
        422, "单位与此产品的计量方式不符", "The unit does not fit how this product is measured"
    )
    IN_THE_FUTURE = Sentence(
        422, "时间 {at} 还没有到（现在 {now}）", "The time {at} has not come yet (now {now})"
    )
    STEP_UNKNOWN = Sentence(422, "没有这种环节", "There is no such step")
    PART_UNWANTED = Sentence(422, "此环节没有这一项货品", "The step has no goods of this kind")
    DETAIL_UNKNOWN = Sentence(422, "此环节没有这一栏", "The step has no such field")
    DETAIL_MALFORMED = Sentence(422, "此栏填写有误", "The field is filled in wrongly")
    BRAND_UNKNOWN = Sentence(404, "没有这个品牌", "There is no such brand")
    PRODUCT_UNKNOWN = Sentence(404, "没有这个产品", "There is no such product")
    BASE_UNKNOWN = Sentence(404, "没有这个基地", "There is no such base")
    LOT_UNKNOWN = Sentence(404, "没有这个批次", "There is no such lot")
    RECALL_UNKNOWN = Sentence(404, "没有这次召回", "There is no such recall")
    NOT_YOURS = Sentence(
        403,
        "这不是本主体的，不能代为登记",
        "This belongs to another party; you cannot record for it",
    )
    NOT_A_REGULATOR = Sentence(
        403, "只有监管人员可以召回", "Only officers of a regulator can recall"
    )

    # registers and lots: what stands against it
    CODE_TAKEN = Sentence(409, "编号已被使用", "The code is in use already")
    LOT_CODE_TAKEN = Sentence(
        409, "此产品已有同号批次", "This product has a lot of this code already"
    )
    STEP_BEFORE_OPENING = Sentence(
        409,
        "时间 {at} 早于批次建立时间 {opened}",
        "The time {at} is before the lot was opened ({opened})",
    )
    STEP_OUT_OF_ORDER = Sentence(
        409,
        "环节顺序不符：{at} 与已登记的“{other}”（{other_at}）矛盾",
        "Steps out of order: {at} contradicts the recorded step {other} of {other_at}",
    )
    MORE_THAN_HELD = Sentence(
        409,
        "本批次现有 {held}，不能转出 {asked}",
        "The lot holds {held} and cannot give {asked}",
    )
    LABELS_STAND_FOR_IT = Sentence(
        409,
        "其余已有标签对应，本批次可转出 {free}，不能转出 {asked}",
        "Labels stand for the rest: the lot can give {free}, not {asked}",
    )
    OUTPUT_EXCEEDS_INPUT = Sentence(
        409,
        "产出 {output} 多于投入 {input}",
        "The output {output} is more than the input {input}",
    )
    EVENT_DUPLICATE = Sentence(409, "此事件已登记过", "This event was recorded already")
    DECLARES_OTHER_GOODS = Sentence(
        409,
        "更正声明所列货品与原事件不一致",
        "The error declaration names other goods than the event that it corrects",
    )
    RECALL_NOT_OPEN = Sentence(
        409, "召回现为 {state}，不能这样办理", "The recall is {state}; this cannot be done now"
    )
    RECALL_SAME_PERSON = Sentence(
        409, "须由提出人以外的另一人确认", "Somebody other than the proposer has to confirm"
    )
    RECALL_RADIUS_CHANGED = Sentence(
        409,
        "涉及批次已有变化，请重新核对后再确认",
        "The lots concerned have changed; look again before you confirm",
    )

    # labels: what is asked for
    LABEL_COUNT_MALFORMED = Sentence(
        422, "一次可打印 1 到 {most:,} 枚标签", "One run prints 1 to {most:,} labels"
    )
    LABEL_CODE_MALFORMED = Sentence(
        422, "标签编号有误，请核对后重输", "The label code is mistyped; check it and type it again"
    )
    LABEL_RANGE_MALFORMED = Sentence(
        422,
        "标签范围有误：第 {first:,} 枚到第 {last:,} 枚，本次印刷共 {count:,} 枚",
        "Wrong range: labels {first:,} to {last:,} of a run of {count:,}",
    )
    VOID_REASON_UNKNOWN = Sentence(422, "没有这种作废原因", "There is no such reason for voiding")
    RUN_UNKNOWN = Sentence(404, "没有这次印刷", "There is no such print run")
    LABEL_UNKNOWN = Sentence(404, "没有印过这枚标签", "No such label was printed")

    # labels: what stands against it
    BASE_URL_NOT_PUBLIC = Sentence(
        409,
        "服务网址未设置或不能印上标签：ECOTRACE_BASE_URL 须为 https 网址，主机为域名，"
        "不能是 IP 地址或 localhost",
        "No address fit for print: ECOTRACE_BASE_URL must be https with a host name, not an IP "
        "address or localhost",
    )
    LABEL_KEY_MISSING = Sentence(
        409, "还没有标签密钥，请先建立", "There is no label key yet; make one first"
    )
    LABEL_LETTERS_SPENT = Sentence(
        409, "标签密钥的 26 个字母都已用过", "All 26 letters of label keys have been used"
    )
    LABEL_NUMBERS_SPENT = Sentence(
        409,
        "密钥 {letter} 对此产品只剩 {left:,} 个编号，请先更换标签密钥",
        "Key {letter} has only {left:,} numbers left for this product; make the next key first",
    )
    NOT_LABELLED_BY_PIECE = Sentence(
        409,
        "此产品没有登记每件净含量，不能按件贴标",
        "This product has no net content per piece, so pieces cannot be labelled",
    )
    LABEL_OTHER_PRODUCT = Sentence(
        409, "批次与标签不是同一产品", "The lot and the labels are of different products"
    )
    LABELS_OF_TWO_RUNS = Sentence(
        409,
        "首末两枚标签不是同一次印刷",
        "The first and the last label are not of the same print run",
    )
    LABEL_ALREADY_BOUND = Sentence(
        409,
        "第 {first:,} 枚到第 {last:,} 枚中已有标签赋给批次",
        "Some of the labels {first:,} to {last:,} are bound to a lot already",
    )
    LABEL_ALREADY_VOID = Sentence(
        409,
        "第 {first:,} 枚到第 {last:,} 枚中已有标签作废",
        "Some of the labels {first:,} to {last:,} are void already",
    )
    MARK_NOT_ALLOWED = Sentence(
        409,
        "当前无权使用该标志，不能印上标签",
        "The mark may not be used now, so it is not printed",
    )
    ARTWORK_MISSING = Sentence(
        409,
        "品牌办公室还没有上传该标志的图样，不能印上标签",
        "The brand office has not uploaded the artwork of this mark, so it is not printed",
    )
    OVER_CERTIFIED = Sentence(
        409,
        "一共核准 {granted:,} 件，已印 {printed:,} 件，本次 {asked:,} 件，超出 {over:,} 件",
        "{granted:,} pieces certified, {printed:,} printed, {asked:,} asked for: {over:,} over",
    )
    OVER_CERTIFIED_MASS = Sentence(
        409,
        "一共核准 {granted} 公斤，已印 {printed} 公斤，本次 {asked} 公斤，超出 {over} 公斤",
        "{granted} kg certified, {printed} kg printed, {asked} kg asked for: {over} kg over",
    )
    OVER_LOT = Sentence(
        409,
        "本批次可贴 {granted:,} 件，已印 {printed:,} 件，本次 {asked:,} 件，超出 {over:,} 件",
        "The lot has {granted:,} pieces to label, {printed:,} printed, {asked:,} asked for: "
        "{over:,} over",
    )
    OVER_LOT_MASS = Sentence(
        409,
        "本批次可贴 {granted} 公斤，已印 {printed} 公斤，本次 {asked} 公斤，超出 {over} 公斤",
        "The lot has {granted} kg to label, {printed} kg printed, {asked} kg asked for: "
        "{over} kg over",
    )

    # conformity (承诺达标合格证)
    CONFORMITY_UNKNOWN = Sentence(
        404, "没有这张承诺达标合格证", "There is no such certificate of conformity"
    )
    CONFORMITY_STYLE_UNKNOWN = Sentence(
        422, "样式须为生产者或收购者", "The style is producer or buyer"
    )
    CONFORMITY_BASIS_UNKNOWN = Sentence(
        422,
        "承诺依据须为质量安全控制符合要求、自行检测合格或委托检测合格，至少一项",
        "The basis is one or more of: control met, own test passed, commissioned test passed",
    )
    CONFORMITY_FIELD_MISSING = Sentence(
        422,
        "合格证六项都须填写：名称、数量、产地、开具时间、承诺方、联系方式",
        "All six fields are needed: name, quantity, origin, issue time, promising party, contact",
    )
    CONFORMITY_SOURCES_MISSING = Sentence(
        422,
        "收购者开具须写明所收取的合格证，无证不得收购",
        "A buyer names the certificates that he collected; without one nothing may be bought",
    )
    CONFORMITY_SOURCES_UNWANTED = Sentence(
        422,
        "生产者开具不写收取的合格证",
        "A producer's certificate names no collected certificates",
    )
    CONFORMITY_SOURCES_MANY = Sentence(
        422,
        "一张合格证最多写 {most} 张所收取的合格证",
        "A certificate names at most {most} collected certificates",
    )
    CONFORMITY_OVER_LOT = Sentence(
        409,
        "合格证数量 {asked} 超过批次数量 {held}",
        "The certificate says {asked}, but the lot has {held}",
    )
    CONFORMITY_EXISTS = Sentence(
        409,
        "此批次已有合格证；如需更正，请注明替代哪一张",
        "The lot has a certificate; to correct it, name the one that the new one replaces",
    )
