"""States, events, outcomes and parts in words, as pages, refusals and the matrix say them."""

from __future__ import annotations

from collections.abc import Mapping

from certification.process.standing import CaseState, Event, Outcome, Part
from certification.schemes.model import TrackKind, Words

STATE_WORDS: Mapping[CaseState, Words] = {
    CaseState.NONE: Words("尚未建立", "not opened"),
    CaseState.DRAFT: Words("填报中", "draft"),
    CaseState.SUBMITTED: Words("已提交", "submitted"),
    CaseState.DESK_REVIEW: Words("文件审查", "desk review"),
    CaseState.SITE_CHECK: Words("现场检查", "site check"),
    CaseState.LAB_TEST: Words("产品检验", "laboratory test"),
    CaseState.EXPERT_REVIEW: Words("专家评审", "expert review"),
    CaseState.PUBLIC_NOTICE: Words("公示", "public notice"),
    CaseState.DECISION: Words("审定", "decision"),
    CaseState.GRANTED: Words("准予通过", "granted"),
    CaseState.REFUSED: Words("不予通过", "refused"),
    CaseState.WITHDRAWN: Words("已撤回", "withdrawn"),
    CaseState.LAPSED: Words("逾期终止", "lapsed"),
}

EVENT_WORDS: Mapping[Event, Words] = {
    Event.OPEN: Words("建立申请", "open"),
    Event.SAVE: Words("保存", "save"),
    Event.SUBMIT: Words("提交", "submit"),
    Event.ACCEPT: Words("受理", "accept"),
    Event.DECLINE: Words("不予受理", "decline"),
    Event.RETURN: Words("退回补正", "return for completion"),
    Event.ASSIGN: Words("指派", "assign"),
    Event.DECLARE_INTEREST: Words("声明利害关系", "declare interest"),
    Event.COMPLETE_STEP: Words("完成此步骤", "complete the step"),
    Event.RECORD_AGREEMENT: Words("登记合同", "record the agreement"),
    Event.RECORD_FEE: Words("登记缴费", "record a fee"),
    Event.PUBLISH_NOTICE: Words("发布公示", "publish the notice"),
    Event.OBJECT: Words("提出异议", "object"),
    Event.ANSWER_OBJECTION: Words("答复异议", "answer an objection"),
    Event.END_NOTICE: Words("结束公示", "end the notice"),
    Event.GRANT: Words("准予通过", "grant"),
    Event.REFUSE: Words("不予通过", "refuse"),
    Event.WITHDRAW: Words("撤回", "withdraw"),
    Event.LAPSE: Words("逾期终止", "lapse"),
    Event.REOPEN: Words("申诉成立，重新办理", "reopen after an appeal"),
}

OUTCOME_WORDS: Mapping[Outcome, Words] = {
    Outcome.PASSED: Words("合格", "pass"),
    Outcome.FAILED: Words("不合格", "fail"),
    Outcome.DISMISSED: Words("不成立", "dismissed"),
    Outcome.UPHELD: Words("成立", "upheld"),
}

PART_WORDS: Mapping[Part, Words] = {
    Part.APPLICANT: Words("申请单位", "applicant"),
    Part.OFFICE: Words("品牌办公室或机构", "brand office or body"),
    Part.REVIEWER: Words("复核员", "reviewer"),
    Part.INSPECTOR: Words("检查员", "inspector"),
    Part.LAB_ANALYST: Words("检验员", "laboratory analyst"),
    Part.EXPERT: Words("评审专家", "expert"),
    Part.DECIDER: Words("审定人", "decider"),
    Part.REGULATOR: Words("监管人员", "regulator"),
    Part.SYSTEM: Words("系统", "system"),
    Part.APPEAL: Words("申诉决定", "decision on an appeal"),
    Part.ANYBODY: Words("任何人", "anybody"),
}

TRACK_WORDS: Mapping[TrackKind, Words] = {
    TrackKind.INITIAL: Words("首次申请", "first application"),
    TrackKind.RENEWAL: Words("续展", "renewal"),
    TrackKind.CHANGE: Words("变更", "change"),
    TrackKind.ANNUAL_CHECK: Words("年度检查", "annual check"),
    TrackKind.PRINT_PERMIT: Words("准印", "print permit"),
}
